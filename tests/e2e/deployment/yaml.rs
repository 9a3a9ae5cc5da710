//! YAML as the values of JSON, with its aliases followed.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

pub(super) fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{error}"));
    let [document] = &documents[..] else {
        panic!("{} documents", documents.len());
    };
    value(document)
}

fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::from(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::String(value)) => Value::from(value.as_ref()),
        Yaml::Sequence(values) => values.iter().map(value).collect(),
        Yaml::Mapping(members) => {
            let member = |(name, node): (&Yaml<'_>, _)| {
                let name = name
                    .as_str()
                    .unwrap_or_else(|| panic!("{name:?} is no name"));
                (name.to_owned(), value(node))
            };
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        other => panic!("{other:?} has no place in these files"),
    }
}

#[test]
fn an_alias_stands_for_what_it_names() {
    let text = "a: &x {n: 1}\nb: *x\nc: [on, ~, 'false']\n";
    assert_eq!(
        parse(text),
        serde_json::json!({"a": {"n": 1}, "b": {"n": 1}, "c": ["on", null, "false"]})
    );
}
