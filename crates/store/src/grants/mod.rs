//! Who may do what, now or as of an entry, and by what way.
//!
//! Deliberately absent: grants as rows. A grant is a way over edges that are there: from a user to
//! a permission, or from a user to a role and from that to a permission.
//!
//! **Shape.** [`check`] answers questions, [`list`] pages through what somebody may do or who may
//! do something, [`explain`] tells every way with the entries that made it, or that ended it last.
//! Each is one statement. Of `check` and `list` there are two: one over the current views, which
//! says in the same snapshot where the ledger stood, and one over history as of an entry.
//!
//! **Correctness.** What history says of an entry never changes, so an answer as of one needs no
//! snapshot. A way is opened by the latest opening among its edges (an edge is never older than its
//! ends) and closed by the earliest end of an edge or a noun on it.
//!
//! **Cost.** A check looks at the roles that the user has; as of an entry, at those that the user
//! ever had or that ever held the permission, whichever are fewer, but never at what changed how
//! often. A list as of an entry reads every change of the edges of the nouns that it asks about.
//!
//! **Realms.** Where grants are edges, SQL walks them. Camunda decides by its own rules: a statement
//! brings the rows that may decide, and the domain evaluates them; of `explain` every row that ever
//! could, so that the last yes is found. Who is linked with the subject is asked about, too: a
//! statement finds them before anything else.

mod authorized;
mod check;
mod explain;
mod list;
#[cfg(test)]
mod tests;
mod timeline;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use writ_domain::{Partition, Position, Realm, Seq, TenantSeq};

pub use self::check::{Checked, Granted, Question, check};
pub use self::explain::{Asked, Explained, Life, Link, LinkedLife, Way, explain};
pub use self::list::{
    Ask, Counted, Effect, Grant, Holder, Page, ParsePlaceError, Place, TOTAL_MAX, list,
};
pub use self::timeline::{Authorized, Membership};
use crate::Error;
use crate::codes::realm_code;
use crate::entries::statement::Statement;

/// By what a user may do something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// The holder was given the permission.
    Direct,
    /// A role of this id holds it.
    Role(String),
    /// A group of this id holds it.
    Group(String),
    /// Everybody holds it.
    Everyone,
}

/// A subject that is the same person as the one who was asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Linked {
    /// Its realm.
    pub realm: Realm,
    /// Its id there.
    pub subject: String,
}

/// The entry that opened a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub at: TenantSeq,
    /// Where it stands.
    pub position: Position,
    /// Its time.
    pub time: DateTime<Utc>,
}

/// All statements, for the tests of plans.
#[cfg(test)]
pub(crate) fn statements() -> Vec<Statement> {
    let mut all = check::STATEMENTS.to_vec();
    all.push(explain::EXPLAIN);
    all.extend(list::STATEMENTS);
    all
}

fn codes(realms: &[Realm]) -> Vec<i16> {
    realms.iter().map(|realm| realm_code(*realm)).collect()
}

fn opened(statement: Statement, row: &Row) -> Result<Opened, Error> {
    let partition: i32 = statement.get(row, "opened_partition")?;
    let partition = u16::try_from(partition).map_err(|source| Error::Inconsistent {
        what: "partition",
        problem: source.to_string(),
    })?;
    Ok(Opened {
        at: TenantSeq(statement.number(row, "opened_seq")?),
        position: Position {
            partition: Partition(partition),
            seq: Seq(statement.number(row, "opened_position")?),
        },
        time: statement.get(row, "opened_at")?,
    })
}
