//! Records: those that a test writes, and those that it finds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// A record of a topic, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Record {
    pub partition: u32,
    pub offset: u64,
    pub timestamp_ms: i64,
    /// Whether the broker set the time (`LogAppendTime`), not the producer.
    pub at_append: bool,
    #[serde(deserialize_with = "bytes")]
    pub key: Option<Vec<u8>>,
    #[serde(deserialize_with = "bytes")]
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

/// Name and value of a header of a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Header(
    pub String,
    #[serde(deserialize_with = "bytes")] pub Option<Vec<u8>>,
);

impl Record {
    pub(super) fn read(shown: Value) -> Self {
        serde_json::from_value(shown).expect("a record as the client prints it")
    }

    /// The key as text; empty if there is none.
    #[track_caller]
    pub fn key_text(&self) -> &str {
        text(self.key.as_deref())
    }

    /// The value as text; empty if there is none.
    #[track_caller]
    pub fn text(&self) -> &str {
        text(self.value.as_deref())
    }

    /// The value as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The first header of that name, as text.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|Header(other, _)| other == name)
            .map(|Header(_, value)| text(value.as_deref()))
    }
}

/// A record to be written.
#[derive(Debug, Clone, Default)]
pub struct Message {
    partition: u32,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Vec<u8>)>,
}

impl Message {
    /// An empty one for that partition: without key, value and headers.
    pub fn to(partition: u32) -> Self {
        Self {
            partition,
            ..Self::default()
        }
    }

    /// A copy of one that was found, for the same partition.
    pub fn like(record: &Record) -> Self {
        let header =
            |Header(name, value): &Header| (name.clone(), value.clone().unwrap_or_default());
        Self {
            partition: record.partition,
            key: record.key.clone(),
            value: record.value.clone(),
            headers: record.headers.iter().map(header).collect(),
        }
    }

    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Adds a header; there may be several of one name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn shown(&self) -> Value {
        let base64 = |bytes: &Vec<u8>| STANDARD.encode(bytes);
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| json!([name, base64(value)]))
            .collect();
        json!({
            "partition": self.partition,
            "key": self.key.as_ref().map(base64),
            "value": self.value.as_ref().map(base64),
            "headers": headers,
        })
    }
}

#[track_caller]
fn text(bytes: Option<&[u8]>) -> &str {
    str::from_utf8(bytes.unwrap_or_default()).expect("UTF-8")
}

fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
    let base64 = Option::<String>::deserialize(from)?;
    base64
        .map(|text| STANDARD.decode(text).map_err(serde::de::Error::custom))
        .transpose()
}
