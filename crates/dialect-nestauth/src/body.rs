//! A body as body-parser reads it: JSON or a form, in several charsets, compressed or not.

use std::io::Read as _;

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use writ_http::body::BodyError;

use crate::failure::Failure;
use crate::js::{Syntax, Text, Value, parse};
use crate::query::decoded;
use crate::state::BODY_BYTES_MAX;

/// What a body that is not read, or that is empty, comes to.
fn nothing() -> Value {
    Value::Object(Vec::new())
}

/// Reads the bytes of a body. What is neither JSON nor a form is no body.
pub(crate) fn read(bytes: &[u8], headers: &HeaderMap) -> Result<Value, Failure> {
    let header = |name| {
        let value = headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let media_type = header(CONTENT_TYPE).unwrap_or_default();
    let (essence, charset) = parts(&media_type);
    let json = match essence.as_str() {
        "application/json" => true,
        "application/x-www-form-urlencoded" => false,
        _ => return Ok(nothing()),
    };
    if bytes.is_empty() {
        return Ok(nothing());
    }
    let charset = charset.unwrap_or_else(|| "utf-8".to_owned());
    let known = matches!(charset.as_str(), "utf-8" | "utf8")
        || (json && matches!(charset.as_str(), "utf-16" | "utf-16le" | "utf-16be"))
        || (!json && charset == "iso-8859-1");
    if !known {
        let message = format!("unsupported charset \"{}\"", charset.to_uppercase());
        return Err(Failure::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
            .or_code("UNSUPPORTED_CHARSET"));
    }
    let encoding = header(CONTENT_ENCODING).unwrap_or_default().to_lowercase();
    let bytes = inflated(bytes, &encoding)?;
    if bytes.is_empty() {
        return Ok(nothing());
    }
    if !json {
        return Ok(form(&String::from_utf8_lossy(&bytes)));
    }
    match parse(&units(&bytes, &charset)) {
        Ok(value) => Ok(value),
        Err(Syntax::Broken(message)) => {
            Err(Failure::worded(StatusCode::BAD_REQUEST, message).or_code("MALFORMED_JSON"))
        }
        Err(Syntax::TooDeep) => Err(Failure::stumbled(
            StatusCode::BAD_REQUEST,
            "TOO_DEEP",
            "The body is nested too deep",
        )),
    }
}

/// The type without its parameters, and its charset, both in lower case.
fn parts(media_type: &str) -> (String, Option<String>) {
    let mut parts = media_type.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_lowercase();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"').to_lowercase();
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    });
    (essence, charset)
}

fn inflated(bytes: &[u8], encoding: &str) -> Result<Vec<u8>, Failure> {
    // One byte more than may be tells that there is more.
    let most = u64::try_from(BODY_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut out = Vec::new();
    let done = match encoding {
        "" | "identity" => {
            out.extend_from_slice(bytes);
            Ok(0)
        }
        "gzip" => GzDecoder::new(bytes).take(most).read_to_end(&mut out),
        // Node's inflate takes both forms.
        "deflate" if bytes.first().is_some_and(|byte| byte & 0x0F == 8) => {
            ZlibDecoder::new(bytes).take(most).read_to_end(&mut out)
        }
        "deflate" => DeflateDecoder::new(bytes).take(most).read_to_end(&mut out),
        other => {
            let message = format!("unsupported content encoding \"{other}\"");
            return Err(Failure::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
                .or_code("UNSUPPORTED_ENCODING"));
        }
    };
    if let Err(_source) = done {
        let message = "incorrect header check";
        return Err(Failure::bare(StatusCode::BAD_REQUEST, message).or_code("BAD_ENCODING"));
    }
    if out.len() > BODY_BYTES_MAX {
        return Err(too_large());
    }
    Ok(out)
}

fn too_large() -> Failure {
    Failure::too_large()
}

/// What kept a body from arriving.
pub(crate) fn not_read(error: &BodyError) -> Failure {
    match error {
        BodyError::TooLarge { .. } => too_large(),
        BodyError::TimedOut { .. } => {
            Failure::worded(StatusCode::REQUEST_TIMEOUT, "Request Timeout").or_code("TIMED_OUT")
        }
        _ => Failure::worded(StatusCode::BAD_REQUEST, "request aborted").or_code("ABORTED"),
    }
}

fn units(bytes: &[u8], charset: &str) -> Vec<u16> {
    let pairs = |little: bool| {
        bytes
            .chunks_exact(2)
            .map(|pair| match pair {
                [one, other] if little => u16::from_le_bytes([*one, *other]),
                [one, other] => u16::from_be_bytes([*one, *other]),
                _ => 0xFFFD,
            })
            .collect::<Vec<u16>>()
    };
    let mut units = match charset {
        "utf-16le" => pairs(true),
        "utf-16be" => pairs(false),
        "utf-16" => pairs(!bytes.starts_with(&[0xFE, 0xFF])),
        _ => String::from_utf8_lossy(bytes).encode_utf16().collect(),
    };
    if units.first() == Some(&0xFEFF) {
        units.remove(0);
    }
    units
}

/// A form: names that stand there twice, or end in `[]`, are lists; `a[b]` is an object.
fn form(text: &str) -> Value {
    let mut fields: Vec<(Text, Value)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (
            decoded(name),
            Value::Text(Text::from(decoded(value).as_str())),
        );
        let (name, value) = match name.split_once('[') {
            Some((base, "]")) if !base.is_empty() => (base.to_owned(), Value::List(vec![value])),
            Some((base, rest)) if !base.is_empty() && rest.ends_with(']') => {
                let inner = rest.trim_end_matches(']');
                let fields = vec![(Text::from(inner), value)];
                (base.to_owned(), Value::Object(fields))
            }
            _ => (name, value),
        };
        let name = Text::from(name.as_str());
        match fields.iter_mut().find(|(key, _)| *key == name) {
            None => fields.push((name, value)),
            Some((_, known)) => join(known, value),
        }
    }
    Value::Object(fields)
}

fn join(known: &mut Value, value: Value) {
    let more = match value {
        Value::List(items) => items,
        other => vec![other],
    };
    if let Value::List(items) = known {
        items.extend(more);
    } else {
        let first = core::mem::replace(known, Value::Null);
        let mut items = vec![first];
        items.extend(more);
        *known = Value::List(items);
    }
}
