//! The five operations side by side, each asked in six ways: what is answered to the byte, and what
//! is told of it afterwards, everywhere that the ledger tells something.
//!
//! One [`check`]; an operation is data: its rows, and the grants that its success changes.

mod auth0;
mod camunda;
mod nestauth;
mod row;

use serde_json::{Value, json};
use writ_tests::{Launch, Server};

pub(super) use self::row::{Entry, Row, bare};
use crate::ledger::{Revision, encoded};
use crate::watch::{Watch, grants};

/// One of the five.
struct Operation {
    /// In whose realm it acts.
    realm: &'static str,
    /// In whose hands its success changes something.
    subject: &'static str,
    /// What that subject is granted before and after, by the names of permissions.
    before: Vec<&'static str>,
    after: Vec<&'static str>,
    /// What the identifier of a resource must hold for its grants to be looked at.
    resource: &'static str,
    no_op: Vec<Row>,
    unknown_id: Row,
    invalid: Vec<Row>,
    unauthenticated: Vec<Row>,
    lacking: Row,
    success: Row,
    /// The request of the success once more, when there is nothing left to do.
    again: Row,
}

impl Operation {
    /// Grants are as they are to be, now or as of a revision: in the list, and in an answer to each
    /// question.
    async fn grants_are(&self, watch: &Watch, wanted: &[&str], as_of: Option<&Revision>) {
        let client = watch.client();
        let as_of = as_of.map_or(String::new(), |at| format!("&as_of={}", at.text()));
        let subject = encoded(self.subject);
        let query = format!("subject={subject}&realm={}{as_of}", self.realm);
        let granted = grants(client, &query).await;
        let granted: Vec<_> = granted
            .iter()
            .filter(|(_, resource)| resource.contains(self.resource))
            .collect();
        let names: Vec<&str> = granted.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, wanted, "{query}");
        let (_, resource) = granted.first().expect("something is granted at all times");
        let names: Vec<&str> = self.before.iter().chain(&self.after).copied().collect();
        let check = |name: &&str| {
            json!({
                "subject": self.subject, "realm": self.realm, "permission": name,
                "resource": resource,
            })
        };
        let checks: Vec<Value> = names.iter().map(check).collect();
        let path = format!("/v1/check?{}", as_of.trim_start_matches('&'));
        let answers = client.post(&path, &json!({"checks": checks})).await;
        let answers = answers.expect(200).json();
        for (index, name) in names.iter().enumerate() {
            let allowed = answers["answers"][index]["allowed"].as_bool();
            assert_eq!(allowed, Some(wanted.contains(name)), "{name}: {answers}");
        }
    }
}

/// Goes through an operation on a server of its own.
async fn check(server: &Server, operation: Operation) {
    let mut watch = Watch::on(server).await;
    let (before, after) = (&operation.before, &operation.after);
    operation.grants_are(&watch, before, None).await;
    for row in operation
        .unauthenticated
        .iter()
        .chain([&operation.lacking])
        .chain(&operation.invalid)
        .chain([&operation.unknown_id])
        .chain(&operation.no_op)
    {
        row.check(&mut watch).await;
    }
    operation.grants_are(&watch, before, None).await;
    let until_here = watch.revision().await;
    operation.success.check(&mut watch).await;
    operation.grants_are(&watch, after, None).await;
    operation.again.check(&mut watch).await;
    operation.grants_are(&watch, after, None).await;
    operation
        .grants_are(&watch, before, Some(&until_here))
        .await;
    watch.end().await;
    server.run(&["verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patching_an_api() {
    let server = Server::start().await;
    let ground = auth0::Ground::of(&server).await;
    check(&server, ground.patching_an_api()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_permissions_from_a_role() {
    let server = Server::start().await;
    let ground = auth0::Ground::of(&server).await;
    check(&server, ground.taking_from_a_role()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_permissions_from_a_user() {
    let server = Server::start().await;
    let ground = auth0::Ground::of(&server).await;
    check(&server, ground.taking_from_a_user()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_an_authorization() {
    let server = Server::start().await;
    let ground = camunda::Ground::of(&server).await;
    check(&server, ground.replacing_an_authorization()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patching_a_permission() {
    let server = Launch::on_fresh_database()
        .await
        .setting("WRIT_NESTAUTH_CSRF", "on")
        .start()
        .await;
    let ground = nestauth::Ground::of(&server).await;
    check(&server, ground.patching_a_permission()).await;
}
