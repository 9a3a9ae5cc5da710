//! Nest Auth's console: what a live instance was recorded to answer, and what its one operation
//! of the documented five leaves in the ledger.

mod odd;
mod patch;
mod recorded;

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Server};

const PERMISSIONS: &str = "/auth/admin/api/permissions";

/// The console as one admin uses it.
struct Console {
    client: Client,
    cookie: String,
}

impl Console {
    /// Signs in as the admin that the server made.
    async fn of(server: &Server) -> Self {
        let client = server.anonymous();
        let ready = &server.ready().nestauth;
        let login = json!({"email": ready.email, "password": ready.password});
        let answer = client.post("/auth/admin/login", &login).await.expect(201);
        let cookie = answer.header("set-cookie").split(';').next();
        let cookie = cookie.expect("a cookie").to_owned();
        Self { client, cookie }
    }

    fn request(&self, method: Method, path: &str) -> writ_tests::Request {
        self.client
            .request(method, path)
            .header("cookie", &self.cookie)
    }

    /// Makes a permission on web; its id.
    async fn permission(&self, name: &str) -> String {
        let body = json!({"name": name, "description": "d"});
        let made = self.request(Method::POST, PERMISSIONS).json(&body);
        let made = made.send().await.expect(201).json();
        text(&made, "/permission/id")
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{pointer} of {value}"))
        .to_owned()
}
