//! The query of a request: known keys, each at most once.

use std::collections::BTreeMap;

use axum::http::Uri;
use axum_extra::extract::Query;
use chrono::{DateTime, Utc};
use writ_http::Problem;
use writ_http::path::{PathError, decode};

/// The most bytes of a value: names in the ledger are no longer.
pub(crate) const VALUE_BYTES_MAX: usize = 4096;

/// The parameters of a request.
#[derive(Debug)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads the query; `known` are the keys that the route takes.
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        check_encoding(uri)?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| Problem::malformed(format!("the query cannot be read: {error}")))?;
        let mut params = BTreeMap::new();
        for (key, value) in pairs {
            if !known.contains(&key.as_str()) {
                let shown: String = key.chars().take(64).collect();
                let known = known.join(", ");
                return Err(wrong(
                    &shown,
                    &format!("is not a known key; known are {known}"),
                ));
            }
            if value.contains('\0') || value.len() > VALUE_BYTES_MAX {
                let why = format!("holds U+0000 or more than {VALUE_BYTES_MAX} bytes");
                return Err(wrong(&key, &why));
            }
            if params.insert(key.clone(), value).is_some() {
                return Err(wrong(&key, "is there more than once"));
            }
        }
        Ok(Self(params))
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A number without sign.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        // SUBTLE: `u64::from_str` takes "+1"; a number has one spelling.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits => Ok(Some(number)),
            _ => Err(wrong(
                key,
                "is not a whole number from 0 to 18446744073709551615",
            )),
        }
    }

    /// A number within bounds; `default` if it is absent.
    pub(crate) fn bounded(
        &self,
        key: &str,
        (least, default, most): (u32, u32, u32),
    ) -> Result<u32, Problem> {
        let why = format!("is not a whole number from {least} to {most}");
        let number = self.number(key).map_err(|_said| wrong(key, &why))?;
        let Some(number) = number else {
            return Ok(default);
        };
        match u32::try_from(number) {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(wrong(key, &why)),
        }
    }

    /// Something that a text is read as.
    pub(crate) fn parsed<T: core::str::FromStr<Err: core::fmt::Display>>(
        &self,
        key: &str,
    ) -> Result<Option<T>, Problem> {
        let read = |text: &str| {
            text.parse()
                .map_err(|error| wrong(key, &format!("cannot be read: {error}")))
        };
        self.text(key).map(read).transpose()
    }

    /// An instant.
    pub(crate) fn instant(&self, key: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        let why = "is not an instant such as 2026-01-31T08:00:00Z (a `+` is written %2B)";
        match DateTime::parse_from_rfc3339(text) {
            Ok(instant) => Ok(Some(instant.with_timezone(&Utc))),
            Err(_source) => Err(wrong(key, why)),
        }
    }

    /// One of a few words; `None` if it is absent.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        let Some((_, meaning)) = found else {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            return Err(wrong(key, &format!("is not one of {}", known.join(", "))));
        };
        Ok(Some(*meaning))
    }
}

/// Refuses what would be read as something else than was meant: a `%` that encodes nothing, bytes
/// that are no text.
fn check_encoding(uri: &Uri) -> Result<(), Problem> {
    for pair in uri.query().unwrap_or_default().split('&') {
        let why = match decode(pair) {
            Err(PathError::BadPercent { .. }) => {
                "holds a % without two hexadecimal digits after it"
            }
            Err(PathError::NotUtf8 { .. }) => "is not UTF-8 when it is decoded",
            // What else is wrong is told by the name of the parameter.
            Ok(_)
            | Err(
                PathError::HoldsNul { .. }
                | PathError::Empty { .. }
                | PathError::NoParameter { .. },
            ) => continue,
        };
        return Err(Problem::malformed(format!("the query {why}")));
    }
    Ok(())
}

/// A parameter that cannot be taken.
pub(crate) fn wrong(key: &str, why: &str) -> Problem {
    Problem::malformed(format!("the query parameter {key:?} {why}")).with_extension("key", key)
}
