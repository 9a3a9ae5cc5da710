//! What a request says of its sender besides the credential. Recorded, and never relied on.

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// Longest text that is kept of a header.
const TEXT_BYTES_MAX: usize = 512;
/// Longest `Auth0-Client` header that is looked at, encoded.
const AUTH0_CLIENT_BYTES_MAX: usize = 4_096;
/// Set by Auth0's SDKs: base64 of `{"name","version","env"}`.
const AUTH0_CLIENT: HeaderName = HeaderName::from_static("auth0-client");

/// SDKs differ in alphabet and padding.
const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ENGINES: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&STANDARD, TOLERANT),
    GeneralPurpose::new(&URL_SAFE, TOLERANT),
];

/// The `User-Agent` header, cut and cleaned of control characters.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(USER_AGENT)?;
    clean(&String::from_utf8_lossy(value.as_bytes()))
}

/// The `Auth0-Client` header as a compact JSON object; `None` if it does not hold one.
pub(super) fn auth0_client(headers: &HeaderMap) -> Option<String> {
    let encoded = headers.get(AUTH0_CLIENT)?.as_bytes();
    if encoded.len() > AUTH0_CLIENT_BYTES_MAX {
        return None;
    }
    let decoded = ENGINES
        .iter()
        .find_map(|engine| engine.decode(encoded).ok())?;
    let account: Map<String, Value> = serde_json::from_slice(&decoded).ok()?;
    Some(Value::Object(account).to_string())
}

/// The SDK that an `Auth0-Client` object names: `name/version`, or the name alone.
pub(super) fn sdk(account: &str) -> Option<String> {
    let account: Map<String, Value> = serde_json::from_str(account).ok()?;
    let name = account
        .get("name")?
        .as_str()
        .filter(|name| !name.is_empty())?;
    match account.get("version").and_then(Value::as_str) {
        Some(version) => clean(&format!("{name}/{version}")),
        None => clean(name),
    }
}

/// The text without control characters, cut to what is kept; `None` if nothing is left.
fn clean(text: &str) -> Option<String> {
    let mut kept: String = text.chars().filter(|c| !c.is_control()).collect();
    kept.truncate(kept.floor_char_boundary(TEXT_BYTES_MAX));
    (!kept.is_empty()).then_some(kept)
}
