//! What class-validator says of a body: of all that is wrong, the first.

use crate::failure::Failure;
use crate::js::{Text, Value};

/// A field as it was sent. What is `null` is as good as absent to a rule that is optional.
pub(crate) fn sent<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.field(name)
}

/// A list is no object of a class: PATCH says so, POST finds its first field missing.
pub(crate) fn object(body: &Value) -> Result<(), Failure> {
    if let Value::List(_) = body {
        return Err(Failure::invalid("Validation failed (object is expected)"));
    }
    Ok(())
}

/// A name of 1 to 255 characters, counted as the validator counts.
pub(crate) fn name(value: Option<&Value>) -> Result<Text, Failure> {
    match value {
        Some(Value::Text(text)) if text.is_empty() => Err(Failure::invalid(
            "name must be longer than or equal to 1 characters",
        )),
        Some(Value::Text(text)) if text.length() <= 255 => Ok(text.clone()),
        _ => Err(Failure::invalid(
            "name must be shorter than or equal to 255 characters",
        )),
    }
}

/// What is said of a field that may be left out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Maybe<T> {
    Absent,
    Null,
    Sent(T),
}

impl<T> Maybe<T> {
    /// What was sent, and nothing else.
    pub(crate) fn sent(self) -> Option<T> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Sent(value) => Some(value),
        }
    }
}

/// A text that may be left out.
pub(crate) fn text(body: &Value, field: &str) -> Result<Maybe<Text>, Failure> {
    match sent(body, field) {
        None => Ok(Maybe::Absent),
        Some(Value::Null) => Ok(Maybe::Null),
        Some(Value::Text(text)) => Ok(Maybe::Sent(text.clone())),
        Some(_) => Err(Failure::invalid(format!("{field} must be a string"))),
    }
}

/// A field that must be there and not be an empty text.
pub(crate) fn given<'a>(body: &'a Value, field: &str) -> Result<&'a Value, Failure> {
    let empty = || Failure::invalid(format!("{field} should not be empty"));
    match sent(body, field) {
        None | Some(Value::Null) => Err(empty()),
        Some(Value::Text(text)) if text.is_empty() => Err(empty()),
        Some(value) => Ok(value),
    }
}

/// A text that must say something.
pub(crate) fn needed(body: &Value, field: &str) -> Result<Text, Failure> {
    match given(body, field)? {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(Failure::invalid(format!("{field} must be a string"))),
    }
}

/// A truth value that may be left out.
pub(crate) fn truth(body: &Value, field: &str) -> Result<Maybe<bool>, Failure> {
    match sent(body, field) {
        None => Ok(Maybe::Absent),
        Some(Value::Null) => Ok(Maybe::Null),
        Some(Value::Bool(value)) => Ok(Maybe::Sent(*value)),
        Some(_) => Err(Failure::invalid(format!("{field} must be a boolean value"))),
    }
}

/// A list of texts that may be left out.
pub(crate) fn texts(body: &Value, field: &str) -> Result<Maybe<Vec<Text>>, Failure> {
    let each = || Failure::invalid(format!("each value in {field} must be a string"));
    match sent(body, field) {
        None => Ok(Maybe::Absent),
        Some(Value::Null) => Ok(Maybe::Null),
        Some(Value::List(items)) => {
            let text = |item: &Value| match item {
                Value::Text(text) => Ok(text.clone()),
                _ => Err(each()),
            };
            let texts: Result<Vec<Text>, Failure> = items.iter().map(text).collect();
            texts.map(Maybe::Sent)
        }
        // The rule for each item looks at what is no list as if it were one.
        Some(Value::Text(_)) => Err(Failure::invalid(format!("{field} must be an array"))),
        Some(_) => Err(each()),
    }
}

/// A UUID as PostgreSQL reads it, in the form in which it writes it.
pub(crate) fn uuid(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::with_capacity(32);
    let mut rest = inner.chars().peekable();
    for index in 0..16 {
        for _ in 0..2 {
            let digit = rest.next().filter(char::is_ascii_hexdigit)?;
            digits.push(digit.to_ascii_lowercase());
        }
        // A hyphen may follow each group of four digits.
        if index % 2 == 1 && index < 15 && rest.peek() == Some(&'-') {
            rest.next();
        }
    }
    if rest.next().is_some() {
        return None;
    }
    let group = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Some(format!(
        "{}-{}-{}-{}-{}",
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_postgresql_s() {
        let plain = "00000000-0000-4000-8000-0000000000ab";
        for text in [
            plain,
            "00000000-0000-4000-8000-0000000000AB",
            "000000000000400080000000000000ab",
            "{00000000-0000-4000-8000-0000000000ab}",
            "0000-0000-0000-4000-8000-0000-0000-00ab",
        ] {
            assert_eq!(uuid(text).as_deref(), Some(plain), "{text}");
        }
        for text in [
            "",
            "not-a-uuid",
            "{00000000-0000-4000-8000-0000000000ab",
            "0",
        ] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
