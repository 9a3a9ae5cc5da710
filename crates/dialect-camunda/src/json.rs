//! Bodies, read as the engine's mapper reads them: it is kind to scalars of another type.

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::state::Profile;

/// The members of a body. Of a repeated one the last counts.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// No body, sent as JSON.
    pub(crate) fn none() -> Self {
        Self(Map::new())
    }

    /// Reads a body that is JSON by its media type.
    pub(crate) fn read(bytes: &[u8], profile: Profile) -> Result<Self, Failure> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(Value::Null) => Err(Failure::null(profile)),
            Ok(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => {
                Err(Failure::unreadable())
            }
        }
    }

    /// A member that is an object: `None` if it is absent or null.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(Failure::unreadable()),
        }
    }

    /// Whether the member was sent, as null too.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text: numbers and truth values become one.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.0.get(name).map_or(Ok(None), text)
    }

    /// A whole number of 32 bits; a fraction is cut off, and an empty text is none.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i32>, Failure> {
        self.0.get(name).map_or(Ok(None), integer)
    }

    /// A list of texts. A null among them is the text `null`, which no permission is called.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => {
                let item = |item| Ok(text(item)?.unwrap_or_else(|| "null".to_owned()));
                items.iter().map(item).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(Failure::unreadable()),
        }
    }
}

fn text(value: &Value) -> Result<Option<String>, Failure> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        Value::Array(_) | Value::Object(_) => Err(Failure::unreadable()),
    }
}

/// A whole number as the mapper reads one, of any scalar that stands for it.
pub(crate) fn integer(value: &Value) -> Result<Option<i32>, Failure> {
    let of_text = |text: &str| match text.trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some).or(Err(Failure::unreadable())),
    };
    match value {
        Value::Null => Ok(None),
        Value::String(text) => of_text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => i32::try_from(whole)
                .map(Some)
                .or(Err(Failure::unreadable())),
            (None, Some(fraction)) => cut(fraction).map(Some).ok_or_else(Failure::unreadable),
            (None, None) => Err(Failure::unreadable()),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(Failure::unreadable()),
    }
}

/// A fraction without what comes after the point, if that is a number of 32 bits.
fn cut(fraction: f64) -> Option<i32> {
    let whole = fraction.trunc();
    let fits = whole >= f64::from(i32::MIN) && whole <= f64::from(i32::MAX);
    // Its digits: there is no conversion that could not cut off too much.
    fits.then(|| format!("{whole:.0}").parse().ok()).flatten()
}
