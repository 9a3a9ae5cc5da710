//! One header, read by its kind.

use std::borrow::Cow;

use axum::http::HeaderMap;
use percent_encoding::percent_decode;

use super::ProvenanceError;

/// A sentence: visible characters and spaces, percent-encoded or as they are.
pub(super) fn prose(
    headers: &HeaderMap,
    header: &'static str,
    limit: usize,
) -> Result<Option<String>, ProvenanceError> {
    let Some(bytes) = single(headers, header)? else {
        return Ok(None);
    };
    // A `%` that encodes nothing stays: "gave 100 % of them back" is a reason.
    let decoded = Cow::from(percent_decode(bytes));
    text(&decoded, header, limit, visible).map(Some)
}

/// A name or number: visible characters and spaces, as they are.
pub(super) fn words(
    headers: &HeaderMap,
    header: &'static str,
    limit: usize,
) -> Result<Option<String>, ProvenanceError> {
    single(headers, header)?
        .map(|bytes| text(bytes, header, limit, visible))
        .transpose()
}

/// An id: visible ASCII without spaces.
pub(super) fn token(
    headers: &HeaderMap,
    header: &'static str,
    limit: usize,
) -> Result<Option<String>, ProvenanceError> {
    single(headers, header)?
        .map(|bytes| text(bytes, header, limit, |c| c.is_ascii_graphic()))
        .transpose()
}

/// An id, bare or as a string of RFC 8941.
pub(super) fn key(
    headers: &HeaderMap,
    header: &'static str,
    limit: usize,
) -> Result<Option<String>, ProvenanceError> {
    let Some(bytes) = single(headers, header)? else {
        return Ok(None);
    };
    let bytes = match bytes.strip_prefix(b"\"") {
        None => Cow::from(bytes),
        Some(rest) => unquoted(rest)
            .ok_or(ProvenanceError::BadString { header })?
            .into(),
    };
    text(&bytes, header, limit, |c| c.is_ascii_graphic()).map(Some)
}

/// The header's value, if it is there, and there once.
fn single<'a>(
    headers: &'a HeaderMap,
    header: &'static str,
) -> Result<Option<&'a [u8]>, ProvenanceError> {
    let mut values = headers.get_all(header).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(ProvenanceError::Repeated { header });
    }
    Ok(value.map(|value| value.as_bytes().trim_ascii()))
}

fn text(
    bytes: &[u8],
    header: &'static str,
    limit: usize,
    allowed: fn(char) -> bool,
) -> Result<String, ProvenanceError> {
    if bytes.is_empty() {
        return Err(ProvenanceError::Empty { header });
    }
    if bytes.len() > limit {
        return Err(ProvenanceError::TooLong { header, limit });
    }
    let text = str::from_utf8(bytes).or(Err(ProvenanceError::NotUtf8 { header }))?;
    if !text.chars().all(allowed) || text.trim().is_empty() {
        return Err(ProvenanceError::Invisible { header });
    }
    Ok(text.to_owned())
}

/// What follows the opening quote, unescaped; `None` if it is not the rest of one string.
fn unquoted(rest: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::with_capacity(rest.len());
    let mut bytes = rest.iter();
    loop {
        match bytes.next()? {
            b'"' => break,
            b'\\' => match bytes.next()? {
                escaped @ (b'"' | b'\\') => content.push(*escaped),
                _ => return None,
            },
            byte => content.push(*byte),
        }
    }
    bytes.next().is_none().then_some(content)
}

/// Whether a reader of the ledger would see the character, and where it stands.
///
/// Letters that join or mark (combining, zero-width joiners, direction marks) are part of honest
/// text in many scripts. What overrides the direction of text, breaks lines or hides it is not.
fn visible(c: char) -> bool {
    let hidden = matches!(c,
        '\u{200B}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    !c.is_control() && !hidden
}
