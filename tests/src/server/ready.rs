//! The ready line: what `writ up --json` promises to print.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// Every key of the ready line; one that is missing fails whoever starts a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ready {
    pub url: String,
    pub database_url: String,
    pub client_id: String,
    pub client_secret: String,
    pub audience: String,
    pub token: String,
    pub camunda: Camunda,
    pub nestauth: NestAuth,
    pub data_dir: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Camunda {
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NestAuth {
    pub email: String,
    pub password: String,
    pub secret_key: String,
}

impl Ready {
    pub(crate) fn parse(line: &str) -> Self {
        let ready: Self =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let all: Value = serde_json::from_str(line).expect("JSON");
        for (pointer, text) in strings(&all, "") {
            assert!(!text.is_empty(), "{pointer} is empty in {line}");
        }
        ready
    }

    /// What must be the same at every start on the same data directory.
    pub fn credentials(&self) -> [&str; 8] {
        [
            &self.client_id,
            &self.client_secret,
            &self.audience,
            &self.camunda.user,
            &self.camunda.password,
            &self.nestauth.email,
            &self.nestauth.password,
            &self.nestauth.secret_key,
        ]
    }

    /// `host:port` of the server.
    pub fn address(&self) -> &str {
        self.url
            .strip_prefix("http://")
            .expect("plain HTTP")
            .trim_end_matches('/')
    }
}

fn strings(value: &Value, at: &str) -> Vec<(String, String)> {
    match value {
        Value::String(text) => vec![(at.to_owned(), text.clone())],
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| strings(member, &format!("{at}/{name}")))
            .collect(),
        _ => Vec::new(),
    }
}
