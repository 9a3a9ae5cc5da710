//! Examples put to a server: what they name stands for what is really there.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::Value;
use writ_tests::{Client, Request, Response, Server};

use super::{Contract, Route};

/// Members that name what was just made.
const NAMES: [&str; 3] = ["id", "command_id", "position"];

/// A server, and by what the names of examples are to be replaced.
pub(super) struct Rehearsal {
    pub(super) server: Server,
    client: Client,
    names: BTreeMap<String, String>,
    /// What examples of paths name: only that is learned anew.
    asked: BTreeSet<String>,
    cookie: Option<String>,
}

/// How a request is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoilt {
    No,
    /// No credential.
    Nobody,
    /// Names in the path that nothing has.
    Nameless,
    /// A body that is no JSON.
    Garbled,
}

impl Rehearsal {
    pub(super) async fn start(contract: &Contract) -> Self {
        let server = Server::start().await;
        let ready = server.ready();
        let names = [
            ("hbfRTcwetWqbIe5yYV8GFSaYSXpCrzRh", &ready.client_id),
            ("the-secret", &ready.client_secret),
            ("the-caller's-own", &ready.camunda.password),
            ("admin@writ.localhost", &ready.nestauth.email),
            ("the-password", &ready.nestauth.password),
        ];
        let names = names.map(|(from, to)| (from.to_owned(), to.clone())).into();
        Self {
            client: server.client(),
            server,
            names,
            asked: asked(contract),
            cookie: None,
        }
    }

    /// Sends each example of a route; panics at an answer that is not told of.
    pub(super) async fn play(&mut self, route: &Route<'_>, spoilt: Spoilt) -> Vec<Response> {
        let bodies = route.request_bodies();
        let mut requests = Vec::new();
        for body in &bodies {
            for (_, example) in &body.examples {
                requests.push(Some((body.media_type, *example)));
            }
        }
        if requests.is_empty() || spoilt == Spoilt::Garbled {
            requests.truncate(0);
            requests.push(None);
        }
        let mut answers = Vec::new();
        for body in requests {
            let answer = self.request(route, body, spoilt).send().await;
            route.check(&answer);
            if let Some(cookie) = answer.header("set-cookie").split(';').next()
                && !cookie.is_empty()
            {
                self.cookie = Some(cookie.to_owned());
            }
            if (200..300).contains(&answer.status) {
                self.learn(route, &answer);
            }
            answers.push(answer);
        }
        answers
    }

    /// The request that the examples of a route are, taken together.
    pub(super) fn request(
        &self,
        route: &Route<'_>,
        body: Option<(&str, &Value)>,
        spoilt: Spoilt,
    ) -> Request {
        let method = Method::from_bytes(route.method.as_bytes()).expect("a method");
        let request = self
            .client
            .anonymous()
            .request(method, &self.target(route, spoilt));
        let request = match route.scheme() {
            None => request,
            Some(_) if spoilt == Spoilt::Nobody => request,
            Some("bearer") => request.header(
                "authorization",
                &format!("Bearer {}", self.server.ready().token),
            ),
            Some("camunda") => {
                let ready = &self.server.ready().camunda;
                let pair = STANDARD.encode(format!("{}:{}", ready.user, ready.password));
                request.header("authorization", &format!("Basic {pair}"))
            }
            Some("nestauth") => {
                request.header("cookie", self.cookie.as_deref().unwrap_or("none=here"))
            }
            Some(other) => panic!("{} wants {other}", route.name()),
        };
        match body {
            _ if spoilt == Spoilt::Garbled => request.body("application/json", "{\"not json"),
            None => request,
            Some(("application/x-www-form-urlencoded", example)) => {
                let members = example.as_object().expect("an object");
                let pairs: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        let value = value.as_str().expect("a text");
                        format!("{name}={}", encoded(&self.named(value)))
                    })
                    .collect();
                request.body("application/x-www-form-urlencoded", pairs.join("&"))
            }
            Some((_, example)) => request.json(&self.renamed(example)),
        }
    }

    fn target(&self, route: &Route<'_>, spoilt: Spoilt) -> String {
        let mut path = route.path.to_owned();
        let mut query = Vec::new();
        for parameter in route.parameters() {
            let name = parameter["name"].as_str().expect("a name");
            let value = match &parameter["example"] {
                Value::Null => continue,
                Value::String(text) => self.named(text),
                other => other.to_string(),
            };
            match parameter["in"].as_str() {
                Some("path") if spoilt == Spoilt::Nameless => {
                    path = path.replace(&format!("{{{name}}}"), "no-such-thing");
                }
                Some("path") => path = path.replace(&format!("{{{name}}}"), &encoded(&value)),
                Some("query") => query.push(format!("{name}={}", encoded(&value))),
                _ => {}
            }
        }
        if query.is_empty() {
            return path;
        }
        format!("{path}?{}", query.join("&"))
    }

    fn named(&self, text: &str) -> String {
        self.names
            .get(text)
            .cloned()
            .unwrap_or_else(|| text.to_owned())
    }

    fn renamed(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.named(text).into(),
            Value::Array(items) => items.iter().map(|item| self.renamed(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), self.renamed(member)))
                .collect(),
            other => other.clone(),
        }
    }

    /// What the answer names stands from now on for what the example of it names.
    fn learn(&mut self, route: &Route<'_>, answer: &Response) {
        let bodies = route.answer_bodies(answer.status);
        let example = bodies.first().and_then(|body| body.examples.first());
        if let (Some((_, example)), true) =
            (example, answer.header("content-type").contains("json"))
        {
            let mut names = Vec::new();
            pair(example, &answer.json(), &mut names);
            // Who makes something says its name; lists may begin with something else.
            let makes = route.method == "POST";
            for (from, to) in names {
                if self.asked.contains(&from) && (makes || !self.names.contains_key(&from)) {
                    self.names.insert(from, to);
                }
            }
        }
    }
}

/// The examples of parameters of paths.
fn asked(contract: &Contract) -> BTreeSet<String> {
    let routes = contract.routes();
    let parameters = routes.iter().flat_map(Route::parameters);
    let in_path = parameters.filter(|parameter| parameter["in"] == "path");
    in_path
        .filter_map(|parameter| parameter["example"].as_str())
        .map(str::to_owned)
        .collect()
}

fn pair(example: &Value, answer: &Value, names: &mut Vec<(String, String)>) {
    match (example, answer) {
        (Value::Object(told), Value::Object(said)) => {
            for (name, told) in told {
                match (told, said.get(name)) {
                    (Value::String(told), Some(Value::String(said)))
                        if NAMES.contains(&name.as_str()) =>
                    {
                        names.push((told.clone(), said.clone()));
                    }
                    (told, Some(said)) => pair(told, said, names),
                    (_, None) => {}
                }
            }
        }
        (Value::Array(told), Value::Array(said)) => {
            for (told, said) in told.iter().zip(said) {
                pair(told, said, names);
            }
        }
        _ => {}
    }
}

/// Percent-encoded, byte for byte.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
