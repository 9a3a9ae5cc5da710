//! The schemas as clients are told of them.

use serde_json::{Map, Value, json};
use writ_http::document::Parameter;

use super::Node;
use crate::json::Type;

impl Node {
    /// The same as a JSON Schema.
    pub(crate) fn json_schema(&self) -> Value {
        let mut schema = Map::new();
        let mut say = |name: &str, value: Option<Value>| {
            schema.extend(value.map(|value| (name.to_owned(), value)));
        };
        say("description", self.description.map(Value::from));
        say("type", self.type_names());
        say("enum", self.one_of.map(|words| json!(words)));
        say("minLength", self.min_length.map(Value::from));
        say("maxLength", self.max_length.map(Value::from));
        say("pattern", self.pattern.map(|pattern| pattern.text.into()));
        say("format", self.format.map(|format| format.name.into()));
        say("minimum", self.minimum.map(Value::from));
        say("maximum", self.maximum.map(Value::from));
        say("minItems", self.min_items.map(Value::from));
        say("maxItems", self.max_items.map(Value::from));
        say("items", self.items.map(Self::json_schema));
        say(
            "required",
            (!self.required.is_empty()).then(|| json!(self.required)),
        );
        let members = self.properties.iter();
        let members: Map<String, Value> = members
            .map(|(name, node)| ((*name).to_owned(), node.json_schema()))
            .collect();
        say("properties", (!members.is_empty()).then(|| members.into()));
        say("additionalProperties", self.closed.then(|| false.into()));
        schema.into()
    }

    fn type_names(&self) -> Option<Value> {
        match self.types {
            [] => None,
            [one] => Some(one.as_str().into()),
            several => Some(several.iter().map(|one| one.as_str()).collect()),
        }
    }

    /// The members of a query as parameters.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let members = self.properties.iter();
        members
            .map(|(name, node)| {
                let parameter = node.parameter(name);
                if self.required.contains(name) {
                    return parameter.required().example(match *name {
                        "resource_server_identifier" => "https://invoices.example.com/",
                        _ => "read:invoices",
                    });
                }
                parameter
            })
            .collect()
    }

    fn parameter(&self, name: &'static str) -> Parameter {
        let parameter = Parameter::query(name, self.description.unwrap_or_default());
        let parameter = match self.types {
            [Type::Integer] => parameter.integer(),
            [Type::Boolean] => parameter.boolean(),
            [Type::Array] => parameter.repeated(),
            _ => parameter,
        };
        let bound = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
        let parameter = match bound(self.minimum) {
            Some(least) => parameter.at_least(least),
            None => parameter,
        };
        match bound(self.maximum) {
            Some(most) => parameter.at_most(most),
            None => parameter,
        }
    }
}
