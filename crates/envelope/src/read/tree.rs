//! One JSON value in memory, fields in the order sent, repeated names included.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Fault, Fields};

/// How many objects and lists may be within each other.
const DEPTH_MAX: u8 = 64;

/// A JSON value, as far as anything here reads one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// `None` if it is not a whole number of 64 bits.
    Number(Option<i128>),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads one JSON text; nothing but white space may follow it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_source) => return Err(Fault::new("is not UTF-8")),
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let tree = Nested { left: DEPTH_MAX }.deserialize(&mut json);
        match tree.and_then(|tree| json.end().map(|()| tree)) {
            Ok(tree) => Ok(tree),
            Err(_source) => Err(Fault::new("is not one JSON value of at most 64 levels")),
        }
    }

    pub(crate) fn object(self) -> Result<Fields, Fault> {
        match self {
            Self::Object(fields) => Fields::try_new(fields),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => {
                Err(Fault::new("must be an object"))
            }
        }
    }

    pub(crate) fn list(self) -> Result<Vec<Self>, Fault> {
        match self {
            Self::List(items) => Ok(items),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => {
                Err(Fault::new("must be a list"))
            }
        }
    }
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(whole(number)),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

fn whole(number: &serde_json::Number) -> Option<i128> {
    number
        .as_u64()
        .map(i128::from)
        .or_else(|| number.as_i64().map(i128::from))
}

/// Reads a value that may hold `left` more levels.
#[derive(Clone, Copy)]
struct Nested {
    left: u8,
}

impl Nested {
    fn inner<E: Error>(self) -> Result<Self, E> {
        let left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| E::custom("too deep"))?;
        Ok(Self { left })
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(Some(number.into())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(Some(number.into())))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Number(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Tree, A::Error> {
        let inner = self.inner()?;
        let mut fields = Vec::new();
        while let Some(name) = object.next_key()? {
            fields.push((name, object.next_value_seed(inner)?));
        }
        Ok(Tree::Object(fields))
    }
}
