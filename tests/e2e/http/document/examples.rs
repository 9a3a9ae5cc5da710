//! That the document is whole, and its examples are examples.

use std::collections::BTreeSet;

use super::Contract;

#[test]
fn every_body_has_examples_and_each_fits_its_schema() {
    let contract = Contract::committed();
    let mut count = 0;
    for route in contract.routes() {
        let name = route.name();
        let mut bodies = route.request_bodies();
        for status in route.statuses() {
            bodies.extend(route.answer_bodies(status));
        }
        for body in bodies {
            assert!(
                !body.examples.is_empty(),
                "{name}: {} has no example",
                body.schema
            );
            for (example, value) in body.examples {
                let misfit = contract.misfit(body.schema, value);
                assert_eq!(
                    misfit, None,
                    "{name}: {example} of {}\n{value}",
                    body.schema
                );
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count} examples");
}

#[test]
fn examples_of_schemas_fit_them() {
    let contract = Contract::committed();
    let schemas = contract.whole["components"]["schemas"].as_object();
    let mut count = 0;
    for (name, schema) in schemas.expect("schemas") {
        for value in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(contract.misfit(name, value), None, "{name}: {value}");
            count += 1;
        }
    }
    assert!(count > 40, "{count} examples");
}

#[test]
fn what_does_not_fit_is_found() {
    let contract = Contract::committed();
    for (schema, value) in [
        ("Question", r#"{"subject":"ann"}"#),
        ("Command", r#"{"type":"NoSuchCommand"}"#),
        ("Auth0Role", r#"{"id":"r","name":"n","more":1}"#),
        ("NestAuthError", r#"{"statusCode":"400","message":"m"}"#),
    ] {
        let value = serde_json::from_str(value).expect("JSON");
        assert!(contract.misfit(schema, &value).is_some(), "{schema}");
    }
}

#[test]
fn every_operation_says_what_it_does_for_whom_and_with_what() {
    let contract = Contract::committed();
    let tags: BTreeSet<&str> = contract.whole["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .map(|tag| tag["name"].as_str().expect("a name"))
        .collect();
    let mut ids = BTreeSet::new();
    for route in contract.routes() {
        let name = route.name();
        assert!(
            ids.insert(route.id()),
            "{name}: {} is there twice",
            route.id()
        );
        let said = |member: &str| route.operation[member].as_str().unwrap_or_default();
        assert!(!said("summary").is_empty(), "{name} has no summary");
        let tag = route.operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{name}: tag {tag:?}");
        for status in route.statuses() {
            let answer = route.answer(status).expect("an answer");
            let description = answer["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}: {status} says nothing");
        }
        let mut named = BTreeSet::new();
        for parameter in route.parameters() {
            let parameter_name = parameter["name"].as_str().expect("a name");
            assert!(
                named.insert(parameter_name),
                "{name}: {parameter_name} twice"
            );
            let description = parameter["description"].as_str().unwrap_or_default();
            assert!(
                !description.is_empty(),
                "{name}: {parameter_name} says nothing"
            );
            let must = parameter["required"] == true;
            let shown = !parameter["example"].is_null();
            assert!(shown || !must, "{name}: {parameter_name} has no example");
        }
        let in_path: BTreeSet<&str> = route
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert!(
            in_path.is_subset(&named),
            "{name}: {in_path:?} of {named:?}"
        );
        match route.scheme() {
            Some(_) => assert!(route.answer(401).is_some(), "{name} has no 401"),
            None => assert!(!route.path.starts_with("/v1/"), "{name} is for everybody"),
        }
        assert!((200..300).contains(&route.success()));
    }
    assert!(ids.len() > 80, "{} operations", ids.len());
}
