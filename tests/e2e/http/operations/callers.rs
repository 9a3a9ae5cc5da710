//! Those who must not: without a token, with a bad one, with too few scopes.

use serde_json::{Value, json};
use writ_tests::{Client, Server, TokenRequest};

use super::{Entry, Leaves, Operation, Row, envelope};

/// Everything that the three operations do not need.
const OTHER_SCOPES: &str = "read:resource_servers create:resource_servers delete:resource_servers \
                            read:roles create:roles delete:roles read:users create:users \
                            delete:users ledger:read ledger:write ledger:audit";

/// Callers of every kind.
pub(super) struct Callers {
    all: Client,
    lacking: Client,
    elsewhere: Client,
    late: Client,
    forger: Client,
    garbled: Client,
    nobody: Client,
}

impl Callers {
    pub(super) async fn of(server: &Server) -> Self {
        let nobody = server.anonymous();
        let elsewhere = TokenRequest {
            audience: Some("https://elsewhere.example/api/v1/"),
            ..TokenRequest::default()
        };
        let late = TokenRequest {
            expires_in: Some(-60),
            ..TokenRequest::default()
        };
        let token = &server.ready().token;
        let (signed, signature) = token.rsplit_once('.').expect("a token of three parts");
        let other = if signature.starts_with('A') { "B" } else { "A" };
        Self {
            all: server.client(),
            lacking: server.client_with(OTHER_SCOPES).await,
            elsewhere: nobody.with_token(&server.token(elsewhere).await),
            late: nobody.with_token(&server.token(late).await),
            forger: nobody.with_token(&format!("{signed}.{other}{}", &signature[1..])),
            garbled: nobody.with_token("that-is-no-token"),
            nobody,
        }
    }

    /// Who may do everything.
    pub(super) fn all(&self) -> &Client {
        &self.all
    }

    /// A row for each who may not, for a request that is right otherwise.
    pub(super) fn rows(
        &self,
        operation: &Operation,
        path: &str,
        body: &Value,
        concern: &str,
    ) -> Vec<Row> {
        let unauthorized = |message: &str| envelope(401, "Unauthorized", message, None);
        let refused = |what: &str, client: &Client, status: u16, answer: String| {
            let row = Row::new(what, client, path, body).answers(status, answer);
            Row {
                leaves: Leaves::Nothing { revision: false },
                ..row
            }
        };
        let garbled = "Bad HTTP authentication header format";
        let missing = format!("Insufficient scope, expected any of: {}", operation.scope);
        let lacking = Row::new("lacking the scope", &self.lacking, path, body)
            .answers(
                403,
                envelope(403, "Forbidden", &missing, Some("insufficient_scope")),
            )
            .leaves(Entry {
                kind: "RecordDenial",
                outcome: json!({"type": "denied", "denial": {
                    "type": "InsufficientScope", "required": [operation.scope],
                }}),
                facts: Vec::new(),
                concerns: vec![(concern.to_owned(), false)],
            });
        vec![
            refused(
                "no token",
                &self.nobody,
                401,
                unauthorized("Missing authentication"),
            ),
            refused(
                "another audience",
                &self.elsewhere,
                401,
                unauthorized("Bad audience: https://elsewhere.example/api/v1/"),
            ),
            refused(
                "an expired token",
                &self.late,
                401,
                unauthorized("Expired token received for JSON Web Token validation"),
            ),
            refused(
                "a forged signature",
                &self.forger,
                401,
                unauthorized("Invalid signature received for JSON Web Token validation"),
            ),
            refused(
                "no JSON Web Token",
                &self.garbled,
                400,
                envelope(400, "Bad Request", garbled, Some("Bearer")),
            ),
            lacking,
        ]
    }
}
