//! A body: its media type, its schema, its examples.

use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{self, ContentBuilder, Ref};

/// A body of a request or an answer.
#[derive(Debug, Clone)]
pub struct Content {
    pub(super) media_type: &'static str,
    schema: String,
    examples: Vec<(String, Value)>,
}

impl Content {
    /// JSON of the schema of this name.
    #[must_use]
    pub fn json(schema: impl Into<String>) -> Self {
        Self::of("application/json", schema)
    }

    /// A body of another media type.
    #[must_use]
    pub fn of(media_type: &'static str, schema: impl Into<String>) -> Self {
        Self {
            media_type,
            schema: schema.into(),
            examples: Vec::new(),
        }
    }

    /// With an example; `name` says of what.
    #[must_use]
    pub fn example(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.examples.push((name.into(), value.into()));
        self
    }

    /// The same from its JSON.
    ///
    /// # Panics
    ///
    /// If it is none. Samples are constants.
    #[must_use]
    pub fn sample(self, name: impl Into<String>, json: &str) -> Self {
        let name = name.into();
        #[expect(
            clippy::expect_used,
            reason = "samples are constants, and tests make the whole document"
        )]
        let value: Value = serde_json::from_str(json).expect("a sample is JSON");
        self.example(name, value)
    }

    /// With the examples of another content.
    pub(super) fn absorb(&mut self, other: Self) {
        for (name, value) in other.examples {
            if !self.examples.iter().any(|(own, _)| *own == name) {
                self.examples.push((name, value));
            }
        }
    }

    pub(super) fn render(self) -> openapi::Content {
        let examples = self.examples.into_iter().map(|(name, value)| {
            let example = ExampleBuilder::new()
                .summary(name.clone())
                .value(Some(value));
            (key(&name), example)
        });
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(self.schema)))
            .examples_from_iter(examples)
            .build()
    }
}

/// The name of an example as a key: letters, digits and hyphens.
fn key(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}
