//! Part of a list.

use tokio_postgres::Row;

use crate::Error;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many to pass over.
    pub offset: u64,
    /// How many to return, at most.
    pub limit: u64,
    /// Whether to count the whole list.
    pub count: bool,
}

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The part.
    pub items: Vec<T>,
    /// How long the whole list is, if that was asked.
    pub total: Option<u64>,
}

impl Slice {
    /// The limit as Postgres takes it; what is beyond its range is beyond every list.
    pub(super) fn limit(self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    /// The offset as Postgres takes it.
    pub(super) fn offset(self) -> i64 {
        i64::try_from(self.offset).unwrap_or(i64::MAX)
    }
}

/// Reads the rows of a statement that returns the total beside each item, and at least one row.
///
/// A row whose column `present` is null holds no item.
pub(super) fn listed<T>(
    rows: &[Row],
    present: &str,
    item: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Listed<T>, Error> {
    let total = match rows.first() {
        Some(row) => column::<Option<i64>>(row, "total")?
            .map(unsigned)
            .transpose()?,
        None => None,
    };
    Ok(Listed {
        items: items(rows, present, item)?,
        total,
    })
}

/// The items of rows whose column `present` is not null.
pub(super) fn items<T>(
    rows: &[Row],
    present: &str,
    item: impl Fn(&Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        if holds_text(row, present)? {
            items.push(item(row)?);
        }
    }
    Ok(items)
}

/// A column, or what is wrong with it.
pub(super) fn column<'row, T: tokio_postgres::types::FromSql<'row>>(
    row: &'row Row,
    name: &str,
) -> Result<T, Error> {
    row.try_get(name).map_err(|source| Error::Inconsistent {
        what: "column",
        problem: source.to_string(),
    })
}

/// A number that cannot be negative.
pub(super) fn unsigned(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|source| Error::Inconsistent {
        what: "number",
        problem: source.to_string(),
    })
}

/// A surrogate key, or a `tenant_seq`.
pub(super) fn unsigned_column(row: &Row, name: &str) -> Result<u64, Error> {
    unsigned(column(row, name)?)
}

fn holds_text(row: &Row, name: &str) -> Result<bool, Error> {
    Ok(column::<Option<&str>>(row, name)?.is_some())
}
