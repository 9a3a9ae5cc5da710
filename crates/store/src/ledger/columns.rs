//! Rows turned into columns, the form in which `unnest` takes them.

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// One value of a row.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    MaybeText(Option<String>),
    Big(i64),
    MaybeBig(Option<i64>),
    Int(i32),
    Small(i16),
    Flag(bool),
    Bytes(Vec<u8>),
    Time(DateTime<Utc>),
    MaybeUuid(Option<Uuid>),
}

/// One column.
#[derive(Debug)]
enum Column {
    Text(Vec<String>),
    MaybeText(Vec<Option<String>>),
    Big(Vec<i64>),
    MaybeBig(Vec<Option<i64>>),
    Int(Vec<i32>),
    Small(Vec<i16>),
    Flag(Vec<bool>),
    Bytes(Vec<Vec<u8>>),
    Time(Vec<DateTime<Utc>>),
    MaybeUuid(Vec<Option<Uuid>>),
}

/// Rows of one shape, kept by column.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    columns: Vec<Column>,
    rows: usize,
}

impl Columns {
    /// Adds a row. Every row MUST have the shape of the first.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        if self.rows == 0 {
            self.columns = row.into_iter().map(Column::of).collect();
        } else {
            let mut columns = self.columns.iter_mut();
            for value in row {
                let pushed = columns.next().is_some_and(|column| column.push(value));
                assert!(pushed, "rows of one statement have one shape");
            }
        }
        self.rows += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns as parameters, in order.
    pub(crate) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.columns.iter().map(Column::parameter).collect()
    }
}

impl Column {
    fn of(value: Value) -> Self {
        match value {
            Value::Text(value) => Self::Text(vec![value]),
            Value::MaybeText(value) => Self::MaybeText(vec![value]),
            Value::Big(value) => Self::Big(vec![value]),
            Value::MaybeBig(value) => Self::MaybeBig(vec![value]),
            Value::Int(value) => Self::Int(vec![value]),
            Value::Small(value) => Self::Small(vec![value]),
            Value::Flag(value) => Self::Flag(vec![value]),
            Value::Bytes(value) => Self::Bytes(vec![value]),
            Value::Time(value) => Self::Time(vec![value]),
            Value::MaybeUuid(value) => Self::MaybeUuid(vec![value]),
        }
    }

    fn push(&mut self, value: Value) -> bool {
        match (self, value) {
            (Self::Text(column), Value::Text(value)) => column.push(value),
            (Self::MaybeText(column), Value::MaybeText(value)) => column.push(value),
            (Self::Big(column), Value::Big(value)) => column.push(value),
            (Self::MaybeBig(column), Value::MaybeBig(value)) => column.push(value),
            (Self::Int(column), Value::Int(value)) => column.push(value),
            (Self::Small(column), Value::Small(value)) => column.push(value),
            (Self::Flag(column), Value::Flag(value)) => column.push(value),
            (Self::Bytes(column), Value::Bytes(value)) => column.push(value),
            (Self::Time(column), Value::Time(value)) => column.push(value),
            (Self::MaybeUuid(column), Value::MaybeUuid(value)) => column.push(value),
            _ => return false,
        }
        true
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Text(column) => column,
            Self::MaybeText(column) => column,
            Self::Big(column) => column,
            Self::MaybeBig(column) => column,
            Self::Int(column) => column,
            Self::Small(column) => column,
            Self::Flag(column) => column,
            Self::Bytes(column) => column,
            Self::Time(column) => column,
            Self::MaybeUuid(column) => column,
        }
    }
}
