//! JSON that the ledger keeps and does not read, and free settings made of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::ser::{Serialize, SerializeMap, Serializer};
use writ_domain as domain;

use super::mirror::Mirror;
use crate::read::{Fault, Read, Tree};

/// The text of one JSON value, kept to the byte: `"86400"`, `"\"RS256\""`, `"[1,2]"`.
///
/// A string that holds the text, not the value itself. White space, `1.0` against `1`, digits
/// beyond 2^53, the order of fields and repeated names survive every JSON library on the way; the
/// depth of the value does not add to that of the record; and a text that is no JSON at all can
/// be written down too, so that `decide` can reject it instead of it breaking the record around
/// it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, JsonSchema)]
#[schemars(extend("contentMediaType" = "application/json"))]
pub struct JsonText(pub String);

impl Mirror<domain::JsonText> for JsonText {
    fn of(domain: &domain::JsonText) -> Self {
        Self(domain.0.clone())
    }

    fn back(self) -> domain::JsonText {
        domain::JsonText(self.0)
    }
}

impl Read for JsonText {
    fn read(tree: Tree) -> Result<Self, Fault> {
        match tree {
            Tree::Text(text) => Ok(Self(text)),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_) => Err(
                Fault::new("must be a string that holds the text of a JSON value"),
            ),
        }
    }
}

/// Free settings or profile fields: name to opaque JSON, in the order of the names' bytes.
pub type Settings = BTreeMap<String, JsonText>;

/// Free settings to set (a text) or remove (null), in the order in which they are to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, JsonSchema)]
pub struct SettingChanges(
    #[schemars(with = "BTreeMap<String, Option<JsonText>>")] Vec<(String, Option<JsonText>)>,
);

impl SettingChanges {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Mirror<Vec<(String, Option<domain::JsonText>)>> for SettingChanges {
    /// An object cannot name a field twice: the last change to a name counts, at the first's place.
    fn of(domain: &Vec<(String, Option<domain::JsonText>)>) -> Self {
        let mut last = BTreeMap::new();
        for (name, value) in domain {
            last.insert(name.as_str(), value);
        }
        let change = |(name, _): &(String, _)| {
            last.remove(name.as_str())
                .map(|value| (name.clone(), Mirror::of(value)))
        };
        Self(domain.iter().filter_map(change).collect())
    }

    fn back(self) -> Vec<(String, Option<domain::JsonText>)> {
        self.0
            .into_iter()
            .map(|(name, value)| (name, value.back()))
            .collect()
    }
}

impl Serialize for SettingChanges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

impl Read for SettingChanges {
    fn read(tree: Tree) -> Result<Self, Fault> {
        tree.object()?.all().map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }
}
