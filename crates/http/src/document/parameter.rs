//! A parameter of a path, a query or a header.

use serde_json::Value;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{self, Required};

/// A parameter. The examples of an operation's parameters, taken together, are one request that
/// makes sense.
#[derive(Debug, Clone)]
pub struct Parameter {
    name: &'static str,
    place: ParameterIn,
    description: String,
    required: bool,
    schema: Object,
    list: Option<List>,
    example: Option<Value>,
}

#[derive(Debug, Clone, Copy)]
enum List {
    Repeated,
    Commas,
}

impl Parameter {
    fn new(name: &'static str, place: ParameterIn, description: impl Into<String>) -> Self {
        Self {
            name,
            place,
            description: description.into(),
            required: false,
            schema: Object::with_type(Type::String),
            list: None,
            example: None,
        }
    }

    /// A segment of the path, with an example.
    #[must_use]
    pub fn path(name: &'static str, description: &'static str, example: &'static str) -> Self {
        Self::new(name, ParameterIn::Path, description)
            .required()
            .example(example)
    }

    /// A text in the query.
    #[must_use]
    pub fn query(name: &'static str, description: impl Into<String>) -> Self {
        Self::new(name, ParameterIn::Query, description)
    }

    /// A header.
    #[must_use]
    pub fn header(name: &'static str, description: &'static str) -> Self {
        Self::new(name, ParameterIn::Header, description)
    }

    /// It must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With an example.
    #[must_use]
    pub fn example(mut self, example: impl Into<Value>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// One of a few words.
    #[must_use]
    pub fn one_of<'a>(self, words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        self.with(|schema| schema.enum_values(Some(words)))
    }

    /// A whole number.
    #[must_use]
    pub fn integer(self) -> Self {
        self.with(|schema| schema.schema_type(Type::Integer))
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(self) -> Self {
        self.with(|schema| schema.schema_type(Type::Boolean))
    }

    /// A whole number that is not less.
    #[must_use]
    pub fn at_least(self, least: u32) -> Self {
        let of = f64::from(least);
        self.integer().with(|schema| schema.minimum(Some(of)))
    }

    /// A whole number that is not more.
    #[must_use]
    pub fn at_most(self, most: u32) -> Self {
        let of = f64::from(most);
        self.integer().with(|schema| schema.maximum(Some(of)))
    }

    /// What holds if it is absent.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.with(|schema| schema.default(Some(value)))
    }

    /// An instant.
    #[must_use]
    pub fn instant(self) -> Self {
        let format = SchemaFormat::Custom("date-time".to_owned());
        self.with(|schema| schema.format(Some(format)))
    }

    fn with(mut self, change: impl FnOnce(ObjectBuilder) -> ObjectBuilder) -> Self {
        self.schema = change(ObjectBuilder::from(self.schema)).build();
        self
    }

    /// May be there more than once.
    #[must_use]
    pub fn repeated(mut self) -> Self {
        self.list = Some(List::Repeated);
        self
    }

    /// A list with commas between.
    #[must_use]
    pub fn with_commas(mut self) -> Self {
        self.list = Some(List::Commas);
        self
    }

    /// What a request needs comes first, then what makes one that makes sense.
    pub(super) fn rank(&self) -> (bool, bool, bool) {
        let in_path = matches!(self.place, ParameterIn::Path);
        (!in_path, !self.required, self.example.is_none())
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn render(self) -> openapi::path::Parameter {
        let schema = match self.list {
            None => Schema::Object(self.schema),
            Some(_) => Schema::Array(ArrayBuilder::new().items(self.schema).build()),
        };
        let required = if self.required {
            Required::True
        } else {
            Required::False
        };
        let listed = self.list.map(|list| matches!(list, List::Repeated));
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(self.place)
            .description(Some(self.description))
            .required(required)
            .schema(Some(schema))
            .style(listed.map(|_| ParameterStyle::Form))
            .explode(listed)
            .example(self.example)
            .build()
    }
}
