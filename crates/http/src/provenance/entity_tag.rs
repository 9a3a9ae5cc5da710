//! `If-Match`.

use axum::http::{HeaderMap, HeaderValue};

use super::ProvenanceError;

/// A precondition: the thing must be as the caller last saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: the thing must be there.
    Any,
    /// It must have one of these tags.
    Tags(Vec<EntityTag>),
}

impl IfMatch {
    /// Whether a thing with this strong tag (without quotes) is as the caller saw it.
    #[must_use]
    pub fn matches(&self, current: &str) -> bool {
        match self {
            Self::Any => true,
            // RFC 9110 §13.1.1: compared strongly, so a weak tag matches nothing.
            Self::Tags(tags) => tags.iter().any(|tag| !tag.weak && tag.tag == current),
        }
    }
}

/// A tag, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    /// Whether it was sent as `W/"…"`.
    pub weak: bool,
    /// What stood between the quotes.
    pub tag: String,
}

/// Reads a precondition. Repeated, it is one list, as RFC 9110 §5.3 has it.
pub(super) fn if_match(
    headers: &HeaderMap,
    header: &'static str,
    limit: usize,
) -> Result<Option<IfMatch>, ProvenanceError> {
    let values: Vec<&[u8]> = headers
        .get_all(header)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if values.is_empty() {
        return Ok(None);
    }
    let list = values.join(&b',');
    if list.len() > limit {
        return Err(ProvenanceError::TooLong { header, limit });
    }
    let list = str::from_utf8(&list).or(Err(ProvenanceError::NotUtf8 { header }))?;
    if list.trim().is_empty() {
        return Err(ProvenanceError::Empty { header });
    }
    if list.trim() == "*" {
        return Ok(Some(IfMatch::Any));
    }
    let tags = tags(list).ok_or(ProvenanceError::BadEntityTags { header })?;
    Ok(Some(IfMatch::Tags(tags)))
}

/// The tags of a list, at least one; elements may be empty (RFC 9110 §5.6.1.2).
fn tags(list: &str) -> Option<Vec<EntityTag>> {
    let mut tags = Vec::new();
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (!tags.is_empty()).then_some(tags);
        }
        let (tag, after) = first(rest)?;
        tags.push(tag);
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// The tag that the text begins with, and what follows it.
fn first(text: &str) -> Option<(EntityTag, &str)> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(quoted) => (true, quoted),
        None => (false, text),
    };
    let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
    let allowed = |c: char| c > ' ' && !c.is_control();
    tag.chars().all(allowed).then(|| {
        let tag = tag.to_owned();
        (EntityTag { weak, tag }, after)
    })
}
