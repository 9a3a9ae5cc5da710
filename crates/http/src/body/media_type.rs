//! The formats that are read: JSON in UTF-8, not compressed.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;

use super::BodyError;

/// Refuses a `Content-Type` that is there and is not JSON in UTF-8.
pub(super) fn check_json(media_type: Option<&str>) -> Result<(), BodyError> {
    match media_type {
        Some(found) if !is_json(found) => Err(BodyError::WrongMediaType {
            found: found.to_owned(),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Refuses a `Content-Encoding` that does something.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), BodyError> {
    for value in headers.get_all(CONTENT_ENCODING) {
        let found = String::from_utf8_lossy(value.as_bytes());
        let plain = found
            .split(',')
            .map(str::trim)
            .all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case("identity"));
        if !plain {
            return Err(BodyError::WrongEncoding {
                found: found.into_owned(),
            });
        }
    }
    Ok(())
}

fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json = match essence.split_once('/') {
        Some(("application", kind)) => kind == "json" || kind.ends_with("+json"),
        Some(_) | None => false,
    };
    json && parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .all(|(_, charset)| is_utf8(charset.trim().trim_matches('"')))
}

fn is_utf8(charset: &str) -> bool {
    ["utf-8", "utf8", "us-ascii"]
        .iter()
        .any(|name| charset.eq_ignore_ascii_case(name))
}
