//! What a start puts into the ledger: what is configured and who may come first, each once.

use std::time::Duration;

use serde_json::{Value, json};
use writ_tests::{Client, Fleet, Server};

use crate::ledger::{changes_after, list, text};

const SOON: Duration = Duration::from_secs(30);

/// What was asked for after an entry; all of it by the process itself, and all of it applied.
async fn written(client: &Client, after: usize) -> Vec<String> {
    let changes = changes_after(client, u64::try_from(after).expect("few")).await;
    for change in &changes {
        assert_eq!(change["actor"], json!({"subject": "writ"}), "{change}");
        assert_eq!(change["reason"], "as configured at the start", "{change}");
        assert_eq!(change["outcome"], json!({"type": "applied"}), "{change}");
    }
    let kind = |change: &Value| text(&change["kind"]);
    changes.iter().map(kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_configured_is_written_where_the_ledger_says_otherwise() {
    let mut server = Server::start().await;
    let first = ["InstallCamundaAdmin", "ConfigureNestAuth", "CreateAdmin"];
    assert_eq!(written(&server.client(), 0).await, first);
    let mut before = first.len();
    let changed = [
        ("WRIT_CAMUNDA_REVOKE_MODE", Some("always")),
        ("WRIT_NESTAUTH_GUARDS", Some("api,web")),
    ];
    let unset = changed.map(|(name, _)| (name, None));
    for (settings, expected) in [
        (&[][..], &[][..]),
        (&changed, &["ConfigureCamunda", "ConfigureNestAuth"]),
        (&[], &[]),
        (&unset, &["ConfigureCamunda", "ConfigureNestAuth"]),
        (&[], &[]),
    ] {
        for (name, value) in settings {
            server.set(name, *value);
        }
        server.restart().await;
        assert_eq!(written(&server.client(), before).await, expected);
        before += expected.len();
    }
}

/// Of a tenant that nobody has written for.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_make_nobody_makes_nobody() {
    let mut home = Server::start().await;
    home.set("WRIT_TENANT", Some("another"));
    let mut fleet = Fleet::of(home, &[("one", "command,projector,query")]).await;
    let done = "the ledger says what is configured";
    fleet.logged("one", done, 1, SOON).await;
    let answer = fleet.client("one").get("/v1/changes").await.expect(200);
    assert_eq!(list(&answer.json()["changes"]), Vec::<Value>::new());

    fleet.sigterm("one").await;
    let key = "0123456789abcdef0123456789abcdef";
    fleet.set("WRIT_CAMUNDA_REVOKE_MODE", Some("never"));
    fleet.set("WRIT_NESTAUTH_SECRET_KEY", Some(key));
    for start in 2..=3 {
        fleet.restart("one").await;
        fleet.logged("one", done, start, SOON).await;
        assert_eq!(
            written(&fleet.client("one"), 0).await,
            ["ConfigureCamunda", "ConfigureNestAuth"]
        );
    }
}
