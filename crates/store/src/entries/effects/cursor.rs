//! Where a page of effects ends, as text that a client hands back.

use core::fmt;
use core::str::FromStr;

use super::Total;
use super::relation::Relation;

/// Where the next page of an entry's effects begins. Opaque to clients.
///
/// It carries the total of the first page, so that it is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// 0: edges that facts name. From 1 on: the relation that was being read.
    pub(super) section: usize,
    /// The index of the next named edge, or the key of the noun whose edges were being read.
    pub(super) noun: i64,
    /// The other end of the last edge that was given out.
    pub(super) after: i64,
    pub(super) total: Total,
}

/// The text is not a cursor that we gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is given back as it was received in `next`")]
pub struct ParseCursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            section,
            noun,
            after,
            total,
        } = self;
        write!(f, "{section}.{noun}.{after}.{}", total.count)?;
        if total.at_least {
            f.write_str("+")
        } else {
            Ok(())
        }
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let (text, at_least) = match given.strip_suffix('+') {
            Some(text) => (text, true),
            None => (given, false),
        };
        let mut numbers = text.split('.');
        let mut number = || {
            let digits = numbers.next().ok_or(ParseCursorError)?;
            digits.parse::<i64>().map_err(|_source| ParseCursorError)
        };
        let (section, noun, after, count) = (number()?, number()?, number()?, number()?);
        if numbers.next().is_some() || noun < 0 || after < -1 {
            return Err(ParseCursorError);
        }
        let section = usize::try_from(section).map_err(|_source| ParseCursorError)?;
        if section > Relation::ALL.len() {
            return Err(ParseCursorError);
        }
        let cursor = Self {
            section,
            noun,
            after,
            total: Total {
                count: u64::try_from(count).map_err(|_source| ParseCursorError)?,
                at_least,
            },
        };
        // SUBTLE: `from_str` of a number takes "+1" and "01"; a cursor has one spelling.
        if cursor.to_string() == given {
            Ok(cursor)
        } else {
            Err(ParseCursorError)
        }
    }
}
