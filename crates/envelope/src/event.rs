//! A change as a message of `writ.changes`: CloudEvents in binary mode.
//!
//! ```text
//!   key       the tenant's name
//!   headers   ce_id = 0-17, ce_hash = …, content-type = application/json, …
//!   value     the Change, JSON
//! ```
//!
//! A consumer knows a message again by `ce_id`, which is the entry's position: repeats are
//! delivered, first occurrences come in order and without a gap. `ce_hash` is the entry's hash, so
//! that topic and ledger can be compared without a look into values.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain::{Placement, Position, TenantId};

use crate::hash::{Hash, Header};
use crate::v1::{Hex32, Mirror, Time};

const ID: &str = "ce_id";
const HASH: &str = "ce_hash";

/// The headers of a message of `writ.changes`. Values are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Headers {
    /// The version of CloudEvents.
    #[schemars(extend("const" = "1.0"))]
    ce_specversion: &'static str,
    /// The entry's position, `partition-seq`: the same in every repeat.
    #[schemars(extend("pattern" = r"^\d+-\d+$"))]
    ce_id: String,
    /// The ledger.
    #[schemars(extend("const" = "/writ"))]
    ce_source: &'static str,
    /// What it is.
    #[schemars(extend("const" = "writ.change.v1"))]
    ce_type: &'static str,
    /// The tenant.
    ce_subject: String,
    /// The log's time.
    ce_time: Time,
    /// The schema of the value.
    #[schemars(extend("const" = "urn:writ:schema:v1:change"))]
    ce_dataschema: &'static str,
    /// The entry's hash, as in the value.
    ce_hash: Hex32,
    /// What the value is.
    #[serde(rename = "content-type")]
    #[schemars(extend("const" = "application/json"))]
    content_type: &'static str,
}

impl Headers {
    /// The headers of an entry's message.
    #[must_use]
    pub fn new(tenant: &TenantId, placement: &Placement, hash: &Hash) -> Self {
        Self {
            ce_specversion: "1.0",
            ce_id: placement.position.to_string(),
            ce_source: "/writ",
            ce_type: "writ.change.v1",
            ce_subject: tenant.as_str().to_owned(),
            ce_time: Mirror::of(&placement.time),
            ce_dataschema: "urn:writ:schema:v1:change",
            ce_hash: Mirror::of(&hash.0),
            content_type: "application/json",
        }
    }

    /// As the log takes them.
    #[must_use]
    pub fn to_list(&self) -> Vec<Header> {
        [
            ("ce_specversion", self.ce_specversion.to_owned()),
            (ID, self.ce_id.clone()),
            ("ce_source", self.ce_source.to_owned()),
            ("ce_type", self.ce_type.to_owned()),
            ("ce_subject", self.ce_subject.clone()),
            ("ce_time", self.ce_time.to_string()),
            ("ce_dataschema", self.ce_dataschema.to_owned()),
            (HASH, Hash(self.ce_hash.back()).to_string()),
            ("content-type", self.content_type.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .to_vec()
    }
}

/// Which entry a message tells, read from its headers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Where the entry stands.
    pub position: Position,
    /// Its chain hash.
    pub hash: Hash,
}

impl Told {
    /// What the headers say; `None` where they are not those of a change.
    #[must_use]
    pub fn of(headers: &[Header]) -> Option<Self> {
        Some(Self {
            position: only(headers, ID)?.parse().ok()?,
            hash: only(headers, HASH)?.parse().ok()?,
        })
    }
}

/// The value of the one header of this name.
fn only<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let mut values = headers.iter().filter(|(present, _)| present == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => core::str::from_utf8(value).ok(),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json, vector};

    fn headers() -> Headers {
        let tenant = TenantId::reserved(writ_domain::Partition(0));
        Headers::new(&tenant, &vector::placement(), &Hash([0xab; 32]))
    }

    #[test]
    fn the_list_is_what_the_schema_describes() {
        let described = json::value(&headers());
        let listed: serde_json::Value = headers()
            .to_list()
            .into_iter()
            .map(|(name, value)| (name, String::from_utf8(value).unwrap().into()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert_eq!(listed, described);
        assert_eq!(listed["ce_time"], "2025-06-15T15:06:40.123456Z");
    }

    #[test]
    fn a_message_says_which_entry_it_tells() {
        let told = Told::of(&headers().to_list()).unwrap();
        assert_eq!(told.position, vector::placement().position);
        assert_eq!(told.hash, Hash([0xab; 32]));
    }

    #[test]
    fn what_is_not_one_change_tells_nothing() {
        let list = headers().to_list();
        for (name, value) in [
            ("ce_id", Some("0-03")),
            ("ce_id", None),
            ("ce_hash", Some("ab")),
        ] {
            let mut other = list.clone();
            other.retain(|(present, _)| present != name);
            if let Some(value) = value {
                other.push((name.to_owned(), value.as_bytes().to_vec()));
            }
            assert_eq!(Told::of(&other), None, "{name} {value:?}");
        }
        let twice = [list.clone(), list].concat();
        assert_eq!(Told::of(&twice), None);
    }
}
