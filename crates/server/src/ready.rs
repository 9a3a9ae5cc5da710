//! What `up` says when it is ready: one line for programs, a few for a person.
//!
//! Other programs rely on the line: every key is always there, whatever is in use.

use core::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::credentials::{Credentials, Secret};

/// Everything that a caller needs to begin.
#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    pub(crate) url: String,
    pub(crate) database_url: Secret,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) audience: String,
    pub(crate) token: Secret,
    pub(crate) camunda: Camunda,
    pub(crate) nestauth: Nestauth,
    pub(crate) data_dir: PathBuf,
}

/// Camunda's admin.
#[derive(Debug, Serialize)]
pub(crate) struct Camunda {
    user: String,
    password: Secret,
}

/// Nest Auth's first admin and its key.
#[derive(Debug, Serialize)]
pub(crate) struct Nestauth {
    email: String,
    password: Secret,
    secret_key: Secret,
}

impl Camunda {
    pub(crate) fn of(credentials: &Credentials) -> Self {
        let kept = credentials.camunda.clone();
        Self {
            user: kept.user,
            password: kept.password,
        }
    }
}

impl Nestauth {
    /// `key` is the one from the settings, which wins over the kept one.
    pub(crate) fn of(credentials: &Credentials, key: Option<Secret>) -> Self {
        let kept = credentials.nestauth.clone();
        Self {
            email: kept.email,
            password: kept.password,
            secret_key: key.unwrap_or(kept.secret_key),
        }
    }
}

impl Ready {
    /// Exactly one line of JSON, without its break.
    pub(crate) fn line(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// The same for a person, with commands to try.
    pub(crate) fn page(&self) -> String {
        let Self { url, token, .. } = self;
        let token = token.expose();
        let mut page = String::new();
        let rows = [
            ("url", url.as_str()),
            ("database", self.database_url.expose()),
            ("client id", &self.client_id),
            ("client secret", self.client_secret.expose()),
            ("audience", &self.audience),
            ("camunda user", &self.camunda.user),
            ("camunda password", self.camunda.password.expose()),
            ("nestauth email", &self.nestauth.email),
            ("nestauth password", self.nestauth.password.expose()),
            ("nestauth secret key", self.nestauth.secret_key.expose()),
            ("data directory", &self.data_dir.to_string_lossy()),
        ];
        page.push_str("Writ is ready.\n\n");
        for (name, value) in rows {
            // Writing to a text cannot fail.
            let _infallible = writeln!(page, "  {name:<20} {value}");
        }
        let _infallible = write!(
            page,
            "\nA token with every scope, good for 24 hours:\n\n  export TOKEN={token}\n\n\
             Make an API with a permission, list APIs, and read the history:\n\n  \
             curl -s {url}/api/v2/resource-servers -H \"authorization: Bearer $TOKEN\" \\\n    \
             -H 'content-type: application/json' \\\n    \
             -d '{{\"identifier\":\"https://shop/\",\"name\":\"Shop\",\"scopes\":[{{\"value\":\"read:orders\"}}]}}'\n  \
             curl -s {url}/api/v2/resource-servers -H \"authorization: Bearer $TOKEN\"\n  \
             curl -s '{url}/v1/changes?after=0' -H \"authorization: Bearer $TOKEN\"\n\n\
             Stop with ctrl-C. Start again, and everything is here."
        );
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        let secret = |text: &str| Secret::new(text.to_owned());
        Ready {
            url: "http://127.0.0.1:4480".into(),
            database_url: secret("postgres://writ:p@127.0.0.1:5432/writ"),
            client_id: "id".into(),
            client_secret: secret("s"),
            audience: "https://writ.localhost/api/v2/".into(),
            token: secret("t"),
            camunda: Camunda {
                user: "admin".into(),
                password: secret("c"),
            },
            nestauth: Nestauth {
                email: "admin@writ.localhost".into(),
                password: secret("n"),
                secret_key: secret("k"),
            },
            data_dir: "/var/lib/writ".into(),
        }
    }

    #[test]
    fn the_line_is_one_line_with_every_key_in_order() {
        assert_eq!(
            ready().line().unwrap(),
            concat!(
                r#"{"url":"http://127.0.0.1:4480","#,
                r#""database_url":"postgres://writ:p@127.0.0.1:5432/writ","#,
                r#""client_id":"id","client_secret":"s","#,
                r#""audience":"https://writ.localhost/api/v2/","token":"t","#,
                r#""camunda":{"user":"admin","password":"c"},"#,
                r#""nestauth":{"email":"admin@writ.localhost","password":"n","secret_key":"k"},"#,
                r#""data_dir":"/var/lib/writ"}"#
            )
        );
    }

    #[test]
    fn the_page_has_three_commands_and_the_same_values() {
        let page = ready().page();
        assert_eq!(page.matches("curl -s").count(), 3);
        for value in [
            "postgres://writ:p@127.0.0.1:5432/writ",
            "admin@writ.localhost",
            "TOKEN=t",
        ] {
            assert!(page.contains(value), "{page}");
        }
    }

    #[test]
    fn its_secrets_are_in_no_debug_text() {
        assert!(!format!("{:?}", ready()).contains("postgres://"));
    }
}
