//! What history never shows: the hashes of passwords, which the ledger must keep.

use serde_json::{Value, json};
use writ_tests::{Response, Server};

use crate::ledger::{self, text};

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";

/// Panics if a body tells the hash, or if it does not say that it is withheld.
#[track_caller]
fn withholds(answer: &Response) -> Value {
    let body = answer.text();
    assert_eq!(answer.status, 200, "{body}");
    assert!(!body.contains("argon2"), "{body}");
    assert!(body.contains("withheld"), "{body}");
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_tells_the_hash_of_a_password() {
    let server = Server::start().await;
    let client = server.client();
    let before = ledger::head(&client).await;
    let user = json!({"type": "CreateCamundaUser", "id": "ann", "password_hash": HASH});
    let admin = json!({
        "type": "CreateAdmin", "id": "adm_1", "email": "ann@example.com", "password": HASH,
        "first": false,
    });
    let mut positions = Vec::new();
    for command in [user, admin] {
        let body = json!({"command": command});
        withholds(&client.post("/v1/commands?dry_run=true", &body).await);
        let answer = client.post("/v1/commands", &body).await;
        let answer = withholds(&answer);
        positions.push(text(&answer["position"]));
        let path = format!("/v1/commands/{}", text(&answer["command_id"]));
        withholds(&client.get(&path).await);
    }
    for position in positions {
        let entry = withholds(&client.get(&format!("/v1/entries/{position}")).await);
        let shown = entry["command"].to_string();
        assert!(shown.contains("withheld"), "{entry}");
    }
    withholds(&client.get(&format!("/v1/changes?after={before}")).await);
    let history = client.get("/v1/history?user=ann&realm=camunda").await;
    withholds(&history);
    let stream = format!("/v1/changes/stream?after={before}");
    let mut events = client.request(hyper::Method::GET, &stream).events().await;
    let event = events.next().await.expect("the stream goes on");
    let told = event.data.to_string();
    assert!(told.contains("withheld"), "{told}");
    assert!(!told.contains("argon2"), "{told}");
}
