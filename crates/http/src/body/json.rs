//! Bytes to one JSON value, with errors by situation.

use serde_json::Value;

use super::BodyError;

/// `serde_json` itself stops here, with an error that cannot be told from others.
const PARSER_DEPTH_MAX: usize = 127;

/// Parses one JSON value. Of a member that is there twice the last counts, as in JavaScript.
pub(super) fn parse(bytes: &[u8], max_depth: usize) -> Result<Value, BodyError> {
    let text = str::from_utf8(bytes).map_err(|error| BodyError::NotUtf8 {
        valid_up_to: error.valid_up_to(),
    })?;
    let limit = max_depth.min(PARSER_DEPTH_MAX);
    if is_deeper(text.as_bytes(), limit) {
        return Err(BodyError::TooDeep { limit });
    }
    serde_json::from_str(text).map_err(|error| BodyError::Malformed {
        line: error.line(),
        column: error.column(),
        message: without_place(&error),
    })
}

/// Whether brackets are open at more than `limit` levels somewhere, strings left out.
fn is_deeper(text: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

/// The parser's message without the place, which is told apart.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match message.strip_suffix(&place) {
        Some(words) => words.to_owned(),
        None => message,
    }
}
