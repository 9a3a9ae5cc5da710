//! What can go wrong with the store, by situation.

/// A statement, a connection or the stored state failed us.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had; another try may succeed.
    #[error("no connection to postgres")]
    Unavailable {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A statement failed.
    #[error("statement {statement} failed")]
    Statement {
        /// Its name, as in its first line.
        statement: &'static str,
        /// Why.
        source: tokio_postgres::Error,
    },
    /// A stored value is not what this build can have written.
    #[error("stored {what} cannot be read: {problem}")]
    Inconsistent {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The schema is not the one that this build knows.
    #[error("the database schema is not the one of this build: {problem}")]
    Schema {
        /// What differs.
        problem: String,
    },
    /// A rebuild of the whole ledger was begun and has not ended.
    #[error("the ledger is not whole: a rebuild was not finished; run `writ rebuild` again")]
    Unfinished,
    /// The migrations failed.
    #[error("the migrations failed")]
    Migrate {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Names the statement that failed: `.map_err(Error::statement("store.reads.roles.list"))`.
    pub(crate) fn statement(
        statement: &'static str,
    ) -> impl FnOnce(tokio_postgres::Error) -> Self + Copy {
        move |source| Self::Statement { statement, source }
    }

    /// Whether the same call may succeed soon (the connection was lost or refused).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Statement { source, .. } => {
                source.is_closed()
                    || source.code().is_none()
                    || source.code().is_some_and(|code| {
                        let class = code.code().get(..2);
                        matches!(class, Some("08" | "40" | "53" | "57"))
                    })
            }
            Self::Inconsistent { .. }
            | Self::Schema { .. }
            | Self::Unfinished
            | Self::Migrate { .. } => false,
        }
    }
}
