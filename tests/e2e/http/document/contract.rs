//! The document, read as a client reads it.

use std::cell::RefCell;
use std::fs;

use boon::{Compiler, Draft, Schemas};
use serde_json::{Map, Value};
use writ_tests::Response;

const HERE: &str = "urn:writ:openapi";

/// The document, with what says whether a value fits a schema of it.
pub(super) struct Contract {
    pub(super) whole: Value,
    /// Schemas are compiled once, when they are asked for.
    compiled: RefCell<(Compiler, Schemas)>,
}

/// A route of the document.
pub(super) struct Route<'a> {
    pub(super) method: String,
    pub(super) path: &'a str,
    pub(super) operation: &'a Value,
    contract: &'a Contract,
}

/// A body that the document tells of.
pub(super) struct Told<'a> {
    pub(super) media_type: &'a str,
    pub(super) schema: &'a str,
    pub(super) examples: Vec<(&'a str, &'a Value)>,
}

impl Contract {
    /// As it is committed.
    pub(super) fn committed() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/openapi.json");
        let text = fs::read_to_string(path).expect("run `cargo xtask schemas`");
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        let resource = serde_json::from_str(&text).expect("JSON");
        compiler.add_resource(HERE, resource).expect("a resource");
        Self {
            whole,
            compiled: RefCell::new((compiler, Schemas::new())),
        }
    }

    pub(super) fn routes(&self) -> Vec<Route<'_>> {
        let paths = self.whole["paths"].as_object().expect("paths");
        let each = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("a path item");
            item.iter().map(move |(method, operation)| Route {
                method: method.to_uppercase(),
                path,
                operation,
                contract: self,
            })
        });
        each.collect()
    }

    pub(super) fn route(&self, id: &str) -> Route<'_> {
        let mut routes = self.routes().into_iter();
        let found = routes.find(|route| route.id() == id);
        found.unwrap_or_else(|| panic!("the document has no operation {id}"))
    }

    /// What a reference leads to.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let found = self.whole.pointer(&reference[1..]);
                found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
            }
            None => value,
        }
    }

    /// What of a value does not fit the schema of this name.
    pub(super) fn misfit(&self, schema: &str, value: &Value) -> Option<String> {
        let (compiler, schemas) = &mut *self.compiled.borrow_mut();
        let place = format!("{HERE}#/components/schemas/{schema}");
        let index = compiler
            .compile(&place, schemas)
            .unwrap_or_else(|error| panic!("{schema}: {error}"));
        schemas
            .validate(value, index)
            .err()
            .map(|error| format!("{error:#}"))
    }
}

impl<'a> Route<'a> {
    pub(super) fn id(&self) -> &'a str {
        self.operation["operationId"]
            .as_str()
            .expect("an operation's id")
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn parameters(&self) -> Vec<&'a Value> {
        let all = self.operation["parameters"]
            .as_array()
            .into_iter()
            .flatten();
        all.map(|parameter| self.contract.resolved(parameter))
            .collect()
    }

    /// The credential that is wanted.
    pub(super) fn scheme(&self) -> Option<&'a str> {
        let sets = self.operation["security"].as_array()?;
        let first = sets.first()?.as_object()?;
        first.keys().next().map(String::as_str)
    }

    pub(super) fn request_bodies(&self) -> Vec<Told<'a>> {
        let content = &self.operation["requestBody"]["content"];
        told(content.as_object())
    }

    pub(super) fn statuses(&self) -> Vec<u16> {
        let answers = self.operation["responses"].as_object().expect("responses");
        let each = answers.keys();
        each.map(|status| status.parse().expect("a status"))
            .collect()
    }

    /// The first success that it tells of.
    pub(super) fn success(&self) -> u16 {
        let all = self.statuses();
        let mut all = all.into_iter().filter(|status| (200..300).contains(status));
        all.next()
            .unwrap_or_else(|| panic!("{} has no success", self.name()))
    }

    pub(super) fn answer(&self, status: u16) -> Option<&'a Value> {
        let answers = self.operation["responses"].as_object()?;
        let found = answers.get(&status.to_string())?;
        Some(self.contract.resolved(found))
    }

    pub(super) fn answer_bodies(&self, status: u16) -> Vec<Told<'a>> {
        told(
            self.answer(status)
                .and_then(|answer| answer["content"].as_object()),
        )
    }

    /// Panics unless an answer is one that the document tells of: status, media type and body.
    #[track_caller]
    pub(super) fn check(&self, answer: &Response) {
        let name = self.name();
        let status = answer.status;
        let Some(said) = self.answer(status) else {
            panic!(
                "{name} answers {status}, which is not told of: {}",
                answer.text()
            );
        };
        let bodies = self.answer_bodies(status);
        if answer.body.is_empty() {
            assert!(bodies.is_empty(), "{name} answers {status} without a body");
        } else {
            let media_type = answer
                .header("content-type")
                .split(';')
                .next()
                .unwrap_or_default();
            let body = bodies.iter().find(|body| body.media_type == media_type);
            let body = body.unwrap_or_else(|| panic!("{name} answers {status} as {media_type}"));
            let value = if media_type.ends_with("json") {
                answer.json()
            } else {
                Value::from(answer.text())
            };
            if let Some(misfit) = self.contract.misfit(body.schema, &value) {
                panic!("{name} answers {status} with {value}\n{misfit}");
            }
        }
        let headers = said["headers"].as_object().into_iter().flat_map(Map::keys);
        for header in headers.filter(|header| ALWAYS.contains(&header.as_str())) {
            assert!(
                !answer.header(&header.to_lowercase()).is_empty(),
                "{name} answers {status} without {header}"
            );
        }
    }
}

/// Headers that are there wherever they are told of.
const ALWAYS: [&str; 6] = [
    "Writ-Revision",
    "Retry-After",
    "Location",
    "Set-Cookie",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

fn told(content: Option<&Map<String, Value>>) -> Vec<Told<'_>> {
    let each = content.into_iter().flatten();
    each.map(|(media_type, content)| {
        let schema = content["schema"]["$ref"].as_str().expect("a named schema");
        let examples = content["examples"].as_object().into_iter().flatten();
        Told {
            media_type,
            schema: schema.rsplit('/').next().expect("a name"),
            examples: examples
                .map(|(name, example)| (name.as_str(), &example["value"]))
                .collect(),
        }
    })
    .collect()
}
