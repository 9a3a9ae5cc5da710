//! A body as body-parser reads it: JSON or a form, in several charsets, compressed or not.

use std::io::{Error, ErrorKind, Read as _};

use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use flate2::read::{GzDecoder, ZlibDecoder};
use writ_http::body::BodyError;

use crate::failure::Failure;
use crate::js::{Syntax, Text, Value, parse};
use crate::request::unescaped;
use crate::state::BODY_BYTES_MAX;

/// What the bytes of gzip begin with.
const GZIP: [u8; 2] = [0x1F, 0x8B];
/// How many fields a form may have.
const PARAMETERS_MAX: usize = 1_000;
/// The other charset of a form.
const LATIN: &str = "iso-8859-1";

/// What a body that is not read, or that is empty, comes to.
fn nothing() -> Value {
    Value::Object(Vec::new())
}

/// What a body holds, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Form,
}

/// What the body of a request holds; none where nobody reads it.
pub(crate) fn kind(headers: &HeaderMap) -> Option<Kind> {
    let (essence, _) = parts(&text(headers, &CONTENT_TYPE));
    match essence.as_str() {
        "application/json" => Some(Kind::Json),
        "application/x-www-form-urlencoded" => Some(Kind::Form),
        _ => None,
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

/// Reads the bytes of a body. What is neither JSON nor a form is no body.
pub(crate) fn read(bytes: &[u8], headers: &HeaderMap) -> Result<Value, Failure> {
    let framed = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    let Some(kind) = kind(headers).filter(|_| framed || !bytes.is_empty()) else {
        return Ok(nothing());
    };
    let (_, charset) = parts(&text(headers, &CONTENT_TYPE));
    let charset = charset.unwrap_or_else(|| "utf-8".to_owned());
    let known = match kind {
        Kind::Json => ["utf-8", "utf-16", "utf-16le", "utf-16be"].contains(&charset.as_str()),
        Kind::Form => ["utf-8", LATIN].contains(&charset.as_str()),
    };
    if !known {
        let message = format!("unsupported charset \"{}\"", charset.to_uppercase());
        return Err(Failure::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
            .or_code("UNSUPPORTED_CHARSET"));
    }
    let encoding = text(headers, &CONTENT_ENCODING).to_lowercase();
    let bytes = inflated(bytes, &encoding)?;
    if kind == Kind::Form {
        return form(&bytes, charset == LATIN);
    }
    let units = units(&bytes, &charset);
    if units.is_empty() {
        return Ok(nothing());
    }
    match parse(&units) {
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
    (essence, charset.filter(|charset| !charset.is_empty()))
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
        "gzip" if !GZIP.starts_with(bytes.get(..2).unwrap_or(bytes)) => {
            Err(Error::from(ErrorKind::InvalidData))
        }
        "gzip" => GzDecoder::new(bytes).take(most).read_to_end(&mut out),
        "deflate" => ZlibDecoder::new(bytes).take(most).read_to_end(&mut out),
        other => {
            let message = format!("unsupported content encoding \"{other}\"");
            return Err(Failure::bare(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
                .or_code("UNSUPPORTED_ENCODING"));
        }
    };
    if let Err(source) = done {
        let message = match source.kind() {
            ErrorKind::UnexpectedEof => "unexpected end of file",
            _ => "incorrect header check",
        };
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

/// A form: names that stand there twice, or end in `[]` or `[0]`, are lists; `a[b]` is an object.
fn form(bytes: &[u8], latin: bool) -> Result<Value, Failure> {
    let text = if latin {
        bytes.iter().copied().map(char::from).collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    if text.split('&').count() > PARAMETERS_MAX {
        let failure = Failure::bare(StatusCode::PAYLOAD_TOO_LARGE, "too many parameters");
        return Err(failure.or_code("TOO_MANY_PARAMETERS"));
    }
    let decoded = |part: &str| decoded_in_form(part, latin);
    let mut fields: Vec<(Text, Value)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), Value::Text(Text::from(decoded(value))));
        let (name, value) = match name.split_once('[') {
            Some((base, rest)) if !base.is_empty() && is_place(rest) => {
                (base.to_owned(), Value::List(vec![value]))
            }
            Some((base, rest)) if !base.is_empty() && rest.ends_with(']') => {
                let inner = rest.trim_end_matches(']');
                let fields = vec![(Text::from(inner), value)];
                (base.to_owned(), Value::Object(fields))
            }
            _ => (name, value),
        };
        let name = Text::from(name);
        match fields.iter_mut().find(|(key, _)| *key == name) {
            None => fields.push((name, value)),
            Some((_, known)) => join(known, value),
        }
    }
    Ok(Value::Object(fields))
}

/// Whether this, after a name and its bracket, makes a list of it: a number, or nothing.
fn is_place(rest: &str) -> bool {
    let inner = rest.strip_suffix(']');
    inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What cannot be decoded as a whole stays as it is, but for `+`.
fn decoded_in_form(part: &str, latin: bool) -> String {
    let part = part.replace('+', " ");
    if !latin {
        return unescaped(&part);
    }
    // Each escape is one letter.
    let mut pieces = part.split('%');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece
            .get(..2)
            .filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(byte) = digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            out.push(char::from(byte));
            out.push_str(piece.get(2..).unwrap_or_default());
        } else {
            out.push('%');
            out.push_str(piece);
        }
    }
    out
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
