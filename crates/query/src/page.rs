//! Parts of bodies that routes share.

use serde::Serialize;
use serde_json::value::RawValue;
use writ_store::entries::Entry;

/// Entries on a page: least, if not said, most.
pub(crate) const LIMIT: (u32, u32, u32) = (1, 100, 1000);

/// An entry as the feed tells it, with members added at the end.
///
/// SUBTLE: added to the text. Read as a value and written again, opaque JSON in facts would
/// change: numbers, order of names.
pub(crate) fn change_with(
    entry: &Entry,
    members: &impl Serialize,
) -> Result<Box<RawValue>, serde_json::Error> {
    let change = entry.change_json();
    let members = serde_json::to_string(members)?;
    let text = match (change.strip_suffix('}'), members.strip_prefix('{')) {
        (Some(change), Some(members)) if members.len() > 1 => format!("{change},{members}"),
        (_, _) => change,
    };
    RawValue::from_string(text)
}

/// Where an entry's effects are.
pub(crate) fn effects_path(entry: &Entry) -> String {
    format!("/v1/entries/{}/effects", entry.position)
}
