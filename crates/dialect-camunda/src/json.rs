//! Bodies, read as the engine's mapper reads them: it is kind to scalars of another type, and does
//! not look at what follows the first value.
//!
//! Members stay the text that was sent: a number that becomes a text keeps its digits, and what
//! nobody asks for may be nested as deep as it likes.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::failure::Failure;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The members of a body. Of a repeated one the last counts.
#[derive(Debug)]
pub(crate) struct Fields(HashMap<String, Box<RawValue>>);

impl Fields {
    /// No body, sent as JSON.
    pub(crate) fn none() -> Self {
        Self(HashMap::new())
    }

    /// Reads a body that is JSON by its media type; `None` if it is null, or blank.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        match first(bytes)? {
            Some(value) => members(&value),
            None => Ok(None),
        }
    }

    /// A member that is an object: `None` if it is absent or null.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Failure> {
        self.0.get(name).map_or(Ok(None), |value| members(value))
    }

    /// Whether the member was sent, as null too.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text: numbers and truth values become one.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.0.get(name).map_or(Ok(None), |value| text(value))
    }

    /// A whole number of 32 bits; a fraction is cut off, and an empty text is none.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i32>, Failure> {
        self.0.get(name).map_or(Ok(None), |value| integer(value))
    }

    /// A list of texts. A null among them is the text `null`, which no permission is called.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        match Kind::of(value) {
            Kind::Null => Ok(None),
            Kind::Array => {
                let items: Vec<&RawValue> = parsed(value)?;
                let item = |item| Ok(text(item)?.unwrap_or_else(|| "null".to_owned()));
                items
                    .into_iter()
                    .map(item)
                    .collect::<Result<_, _>>()
                    .map(Some)
            }
            Kind::Object | Kind::Text | Kind::Number | Kind::Truth => Err(Failure::unreadable()),
        }
    }
}

/// A whole number that stands alone.
pub(crate) fn lone_integer(text: &str) -> Result<Option<i32>, Failure> {
    let value = first(text.as_bytes())?.ok_or_else(Failure::unreadable)?;
    integer(&value)
}

/// The first value; `None` if there is none.
fn first(bytes: &[u8]) -> Result<Option<Box<RawValue>>, Failure> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    values.next().transpose().or(Err(Failure::unreadable()))
}

/// What a value is, by how it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Truth,
    Number,
    Text,
    Array,
    Object,
}

impl Kind {
    fn of(value: &RawValue) -> Self {
        match value.get().as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::Text,
            Some(b't' | b'f') => Self::Truth,
            Some(b'n') => Self::Null,
            Some(_) | None => Self::Number,
        }
    }
}

fn parsed<'a, T: serde::Deserialize<'a>>(value: &'a RawValue) -> Result<T, Failure> {
    serde_json::from_str(value.get()).or(Err(Failure::unreadable()))
}

fn members(value: &RawValue) -> Result<Option<Fields>, Failure> {
    match Kind::of(value) {
        Kind::Null => Ok(None),
        Kind::Object => parsed(value).map(Fields).map(Some),
        Kind::Array | Kind::Text | Kind::Number | Kind::Truth => Err(Failure::unreadable()),
    }
}

fn text(value: &RawValue) -> Result<Option<String>, Failure> {
    match Kind::of(value) {
        Kind::Null => Ok(None),
        Kind::Text => parsed(value).map(Some),
        Kind::Number | Kind::Truth => Ok(Some(value.get().to_owned())),
        Kind::Array | Kind::Object => Err(Failure::unreadable()),
    }
}

/// A whole number as the mapper reads one, of any scalar that stands for it.
fn integer(value: &RawValue) -> Result<Option<i32>, Failure> {
    match Kind::of(value) {
        Kind::Null => Ok(None),
        Kind::Text => {
            let text: String = parsed(value)?;
            match text.trim() {
                "" | "null" => Ok(None),
                digits => digits.parse().map(Some).or(Err(Failure::unreadable())),
            }
        }
        Kind::Number => {
            let whole = value.get().parse().ok();
            let number = whole.or_else(|| value.get().parse().ok().and_then(cut));
            number.map(Some).ok_or_else(Failure::unreadable)
        }
        Kind::Truth | Kind::Array | Kind::Object => Err(Failure::unreadable()),
    }
}

/// A fraction without what comes after the point, if that is a number of 32 bits.
fn cut(fraction: f64) -> Option<i32> {
    let whole = fraction.trunc();
    let fits = whole >= f64::from(i32::MIN) && whole <= f64::from(i32::MAX);
    // Its digits: there is no conversion that could not cut off too much.
    fits.then(|| format!("{whole:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Fields {
        Fields::read(body.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn what_follows_the_first_value_and_a_mark_before_it_are_not_looked_at() {
        for body in [
            r#"{"a":"x"}"#,
            r#"{"a":"x"} and more"#,
            "\u{feff} {\"a\":\"x\"}{",
        ] {
            let text = fields(body).text("a").unwrap();
            assert_eq!(text.as_deref(), Some("x"), "{body}");
        }
        for nothing in ["null", " null x", "", " \n"] {
            assert!(Fields::read(nothing.as_bytes()).unwrap().is_none());
        }
        for bad in [
            "{",
            "[]",
            "1",
            "\"x\"",
            "true",
            "{'a':1}",
            r#"{"a":1,}"#,
            "x",
        ] {
            assert!(Fields::read(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = format!(r#"{{"odd":{}{},"a":1}}"#, "[".repeat(900), "]".repeat(900));
        assert_eq!(fields(&deep).integer("a").unwrap(), Some(1));
    }

    #[test]
    fn scalars_that_become_texts_keep_their_digits() {
        for (sent, text) in [
            ("12.50", Some("12.50")),
            ("1e2", Some("1e2")),
            ("12345678901234567890123", Some("12345678901234567890123")),
            ("true", Some("true")),
            ("null", None),
            (r#""\u00e9""#, Some("é")),
        ] {
            let read = fields(&format!(r#"{{"a":0,"a": {sent} }}"#))
                .text("a")
                .unwrap();
            assert_eq!(read.as_deref(), text, "{sent}");
        }
        for bad in ["{}", "[]", r#"["x"]"#, r#""\ud800""#] {
            assert!(
                fields(&format!(r#"{{"a":{bad}}}"#)).text("a").is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn whole_numbers_are_read_of_whatever_stands_for_one() {
        for (sent, number) in [
            ("7", Some(7)),
            ("-1.9", Some(-1)),
            ("1e1", Some(10)),
            (r#"" 07 ""#, Some(7)),
            (r#""+7""#, Some(7)),
            (r#""""#, None),
            (r#""null""#, None),
            ("null", None),
        ] {
            let read = fields(&format!(r#"{{"a":{sent}}}"#)).integer("a").unwrap();
            assert_eq!(read, number, "{sent}");
        }
        for bad in [
            "2147483648",
            "1e10",
            "true",
            "{}",
            "[1]",
            r#""1.5""#,
            r#""x""#,
        ] {
            assert!(
                fields(&format!(r#"{{"a":{bad}}}"#)).integer("a").is_err(),
                "{bad}"
            );
        }
        for (alone, number) in [("1", Some(1)), (" 1.0 x", Some(1)), ("null", None)] {
            assert_eq!(lone_integer(alone).unwrap(), number, "{alone}");
        }
        for bad in ["", " ", "01", "+1", "1x", "abc", "{}"] {
            assert!(lone_integer(bad).is_err(), "{bad}");
        }
    }
}
