//! The recordings of a live instance, replayed in their order.
//!
//! Ids stand in them as `{{name}}` or `{{uuid}}`, times as `{{ts}}`, tokens as `<jwt>`: a name is
//! bound where it is first answered and filled in where it is sent again.

use std::collections::BTreeMap;

use hyper::Method;
use serde::Deserialize;
use writ_tests::{Launch, Response, Server};

const FIRST_RUN: &str = include_str!("recordings.json");
/// What the first one leaves out: odd bodies, addresses, paths and texts.
const SECOND_RUN: &str = include_str!("second_run.json");
/// The key of the instance that was recorded.
const SECRET_KEY: &str = "oracle-admin-secret-key-0123456789abcdef";

#[derive(Deserialize)]
struct Recordings {
    recordings: Vec<Recording>,
}

#[derive(Deserialize)]
struct Recording {
    n: u32,
    label: String,
    method: String,
    path: String,
    session: bool,
    request_headers: Vec<String>,
    request_body: Option<String>,
    status: u16,
    response_headers: Vec<String>,
    response_body: String,
}

#[derive(Default)]
struct Bound {
    names: BTreeMap<String, String>,
    token: String,
}

impl Bound {
    fn filled(&self, text: &str) -> String {
        let mut text = text.replace("<jwt>", &self.token);
        for (name, value) in &self.names {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        // A tenant that nobody made.
        text.replace("{{t1}}", "11111111-1111-4111-8111-111111111111")
    }

    /// What of an answer is not as recorded; binds the names that it meets first.
    fn differs(&mut self, recorded: &str, answered: &str) -> Option<String> {
        let mut rest = answered;
        let mut parts = recorded.split("{{");
        let head = parts.next().unwrap_or_default();
        rest = match rest.strip_prefix(head) {
            Some(rest) => rest,
            None => return Some(format!("expected {head:?} at {rest:?}")),
        };
        for part in parts {
            let (name, literal) = part.split_once("}}").expect("templates are closed");
            let length = if name == "ts" { 24 } else { 36 };
            let Some((value, after)) = rest.split_at_checked(length) else {
                return Some(format!("{name} is missing at {rest:?}"));
            };
            let fits = match name {
                "ts" => value.ends_with('Z') && value.as_bytes()[19] == b'.',
                "uuid" => value.as_bytes()[14] == b'4',
                name => {
                    self.names
                        .entry(name.to_owned())
                        .or_insert(value.to_owned())
                        == value
                }
            };
            if !fits {
                return Some(format!("{name} is {value:?}"));
            }
            rest = match after.strip_prefix(literal) {
                Some(rest) => rest,
                None => return Some(format!("expected {literal:?} at {after:?}")),
            };
        }
        (!rest.is_empty()).then(|| format!("more: {rest:?}"))
    }
}

fn header_differs(line: &str, answer: &Response) -> Option<String> {
    let (name, recorded) = line.split_once(": ").expect("a header");
    let found = answer.header(&name.to_lowercase());
    let same = match name {
        // Over plain http it is not for https alone; the rest has times and tokens in it.
        "Set-Cookie" => {
            found.starts_with("nest_auth_admin=")
                && found.contains("; Path=/auth/admin; Expires=")
                && found.ends_with(" GMT; HttpOnly; SameSite=Lax")
                && recorded.contains("Max-Age=7200") == found.contains("; Max-Age=7200; ")
        }
        "Retry-After" => found
            .parse::<u32>()
            .is_ok_and(|wait| (1..=60).contains(&wait)),
        _ => found == recorded,
    };
    (!same).then(|| format!("{name} is {found:?}"))
}

async fn launch() -> Launch {
    Launch::on_fresh_database()
        .await
        .setting("WRIT_NESTAUTH_FIRST_ADMIN", "signup")
        .setting("WRIT_NESTAUTH_SECRET_KEY", SECRET_KEY)
}

#[tokio::test]
async fn recorded_answers_are_given_again() {
    replay(&launch().await.start().await, FIRST_RUN).await;
}

#[tokio::test]
async fn answers_of_a_second_run_are_given_again() {
    let server = launch().await.setting("WRIT_NESTAUTH_LOGIN_LIMIT", "off");
    replay(&server.start().await, SECOND_RUN).await;
}

async fn replay(server: &Server, recordings: &'static str) {
    let client = server.anonymous();
    let recordings: Recordings = serde_json::from_str(recordings).expect("the recordings");
    let mut bound = Bound::default();
    let mut wrong = Vec::new();
    for recording in recordings.recordings {
        let method: Method = recording.method.parse().expect("a method");
        let mut request = client.request(method, &bound.filled(&recording.path));
        if recording.session {
            request = request.header("cookie", &format!("nest_auth_admin={}", bound.token));
        }
        let mut content_type = None;
        for line in &recording.request_headers {
            let (name, value) = line.split_once(": ").expect("a header");
            let value = bound.filled(value);
            request = match name.to_lowercase().as_str() {
                "content-type" => {
                    content_type = Some(value);
                    request
                }
                "cookie" => request.header("cookie", &value),
                "authorization" => request.header("authorization", &value),
                "if-none-match" => request.header("if-none-match", &value),
                other => panic!("{other}"),
            };
        }
        if let Some(body) = &recording.request_body {
            let content_type = content_type.as_deref().expect("a type");
            request = request.body("text/plain", bound.filled(body));
            request = request.header("content-type", content_type);
            if body.is_empty() {
                // A body of nothing is one, where its length is said.
                request = request.header("content-length", "0");
            }
        }
        let answer = request.send().await;
        if let Some(token) = answer
            .header("set-cookie")
            .strip_prefix("nest_auth_admin=")
            .and_then(|rest| rest.split(';').next())
            .filter(|token| !token.is_empty())
        {
            token.clone_into(&mut bound.token);
        }
        let expected = bound.filled(&recording.response_body);
        let mut found: Vec<String> = bound
            .differs(&expected, &answer.text())
            .into_iter()
            .collect();
        let headers = recording.response_headers.iter();
        found.extend(headers.filter_map(|line| header_differs(line, &answer)));
        if answer.status != recording.status {
            found.push(format!("status {} {}", answer.status, answer.text()));
        }
        if !found.is_empty() {
            wrong.push(format!(
                "#{} {}: {}",
                recording.n,
                recording.label,
                found.join("; ")
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
