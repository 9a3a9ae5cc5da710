//! Camunda's engine, as its REST API answers, and what its one operation of the documented five
//! leaves in the ledger.

mod live;
mod people;
mod put;
mod reads;
mod refusals;
mod writes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::json;
use writ_tests::{Client, Response, Server};

use crate::ledger::text;

const PERSISTENCE: &str = "An exception occurred in the persistence layer. Please check the server \
    logs for a detailed message and the entire exception stack trace.";

/// Somebody who signs in with each request.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    password: String,
}

impl User {
    pub(crate) fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: password.to_owned(),
        }
    }
}

/// What somebody sends as `Authorization`.
pub(crate) fn basic(user: &User) -> String {
    let credentials = format!("{}:{}", user.name, user.password);
    format!("Basic {}", STANDARD.encode(credentials))
}

/// The engine of a server, and its admin.
pub(crate) struct Engine {
    client: Client,
    admin: User,
}

impl Engine {
    pub(crate) fn of(server: &Server) -> Self {
        let ready = &server.ready().camunda;
        Self {
            client: server.anonymous(),
            admin: User::new(&ready.user, &ready.password),
        }
    }

    /// Who signs in with each request brings no token.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn admin(&self) -> User {
        self.admin.clone()
    }

    /// Asks as the admin; a body is JSON.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Response {
        self.ask_as(&self.admin, method, path, body).await
    }

    pub(crate) async fn ask_as(&self, by: &User, method: &str, path: &str, body: &str) -> Response {
        let method: Method = method.parse().expect("a method");
        let path = format!("/engine-rest{path}");
        let request = self.client.request(method, &path);
        let request = request.header("authorization", &basic(by));
        let request = match body {
            "" => request,
            body => request.body("application/json", body.to_owned()),
        };
        request.send().await
    }

    /// Asks as somebody; the answer is this one, to the byte.
    async fn answers(&self, by: &User, asked: (&str, &str, &str), (status, told): (u16, &str)) {
        let (method, path, body) = asked;
        let answer = self.ask_as(by, method, path, body).await;
        let what = format!("{} {method} {path} {body}", by.name);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, told),
            "{what}"
        );
    }

    /// Asks as the admin, over and over; each answer is the one beside it, to the byte.
    async fn answers_all(&self, rows: &[(&str, &str, &str, u16, &str)]) {
        for (method, path, body, status, told) in rows {
            let admin = self.admin();
            self.answers(&admin, (method, path, body), (*status, told))
                .await;
        }
    }

    /// Makes an authorization; its id.
    pub(crate) async fn made(&self, body: &str) -> String {
        let made = self.ask("POST", "/authorization/create", body).await;
        text(&made.expect(200).json()["id"])
    }

    /// Makes a user whose password is its id.
    pub(crate) async fn user(&self, id: &str) {
        let body = json!({"profile": {"id": id}, "credentials": {"password": id}});
        let made = self.ask("POST", "/user/create", &body.to_string()).await;
        drop(made.expect(204));
    }
}

/// An error of the engine's: `code` is a number.
fn engine(kind: &str, message: &str, code: u32) -> String {
    format!(r#"{{"type":"{kind}","message":"{message}","code":{code}}}"#)
}

/// An error of its REST layer: `code` is null.
fn rest(kind: &str, message: &str) -> String {
    format!(r#"{{"type":"{kind}","message":"{message}","code":null}}"#)
}

/// An error of the framework below that.
fn framework(kind: &str, line: &str) -> String {
    rest(kind, &format!("HTTP {line}"))
}

/// What it says where it stumbled.
fn null() -> String {
    r#"{"type":"NullPointerException","message":null,"code":null}"#.to_owned()
}

fn invalid(message: &str) -> String {
    rest("InvalidRequestException", message)
}

fn bad_user_request(message: &str) -> String {
    engine("BadUserRequestException", message, 0)
}

pub(crate) fn no_such(id: &str) -> String {
    invalid(&format!("Authorization with id {id} does not exist."))
}

/// What somebody is told who lacks a permission on authorizations, all or one.
pub(crate) fn missing(user: &str, permission: &str, id: Option<&str>) -> String {
    let (which, id) = match id {
        Some(id) => (
            format!("'{id}' of type 'Authorization'"),
            format!("\"{id}\""),
        ),
        None => ("'Authorization'".to_owned(), "null".to_owned()),
    };
    let named = |first: &str, second: &str| format!("{first},{second}");
    let resource = format!(r#""resourceName":"Authorization","resourceId":{id}"#);
    let permission_name = format!(r#""permissionName":"{permission}""#);
    format!(
        r#"{{"type":"AuthorizationException","message":"The user with id '{user}' does not have '{permission}' permission on resource {which}.","code":0,"userId":"{user}",{},"missingAuthorizations":[{{{}}}]}}"#,
        named(&resource, &permission_name),
        named(&permission_name, &resource),
    )
}
