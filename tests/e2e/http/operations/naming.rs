//! Both names of an API, and every way in which clients write a name into a path.

use serde_json::{Value, json};

use super::scene::{API, Scene, USER, pairs};
use crate::ledger::{self, Revision, encoded};

#[tokio::test(flavor = "multi_thread")]
async fn an_api_answers_to_its_id_and_to_its_identifier() {
    let scene = Scene::start().await;
    let client = &scene.client;
    let names = [
        ("the id", scene.api_id.clone()),
        ("as node and python write it", encoded(API)),
        ("as go writes it", API.replace('/', "%2F")),
        ("in lower case", encoded(API).to_lowercase()),
        (
            "with more encoded than needs be",
            encoded(API).replace('e', "%65"),
        ),
    ];
    let mut entries = Vec::new();
    for (number, (what, name)) in names.iter().enumerate() {
        let path = format!("/api/v2/resource-servers/{name}");
        let body = json!({"name": format!("Name {number}")});
        let answer = client.patch(&path, &body).await.expect(200);
        assert_eq!(answer.json()["name"], body["name"], "{what}");
        assert_eq!(answer.json()["identifier"], API, "{what}");
        entries.push(Revision::of(&answer).tenant_seq());
        let read = client.get(&path).await.expect(200);
        assert_eq!(read.text(), answer.text(), "{what}");
    }
    entries.reverse();
    for name in [scene.api_id.as_str(), API] {
        let query = format!("api={}&limit={}", encoded(name), entries.len());
        let seen: Vec<Value> = ledger::history(client, &query).await;
        let seen: Vec<u64> = seen
            .iter()
            .map(|entry| ledger::number(&entry["tenant_seq"]))
            .collect();
        assert_eq!(seen, entries, "history of {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_answers_to_its_name_however_it_is_written() {
    let scene = Scene::start().await;
    let client = &scene.client;
    for (what, name) in [
        ("encoded", encoded(USER)),
        ("as it is", USER.to_owned()),
        ("in lower case", encoded(USER).to_lowercase()),
    ] {
        let path = format!("/api/v2/users/{name}/permissions");
        drop(client.post(&path, &pairs(&["read:b"])).await.expect(201));
        let held = client.get(&path).await.expect(200).json();
        assert_eq!(held.as_array().map(Vec::len), Some(3), "{what}: {held}");
        drop(
            client
                .delete_with(&path, &pairs(&["read:b"]))
                .await
                .expect(204),
        );
        let held = client.get(&path).await.expect(200).json();
        assert_eq!(held.as_array().map(Vec::len), Some(2), "{what}: {held}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_to_the_letter() {
    let scene = Scene::start().await;
    let client = &scene.client;
    let body = json!({"scopes": []});
    for name in [
        encoded("https://operations.example/v1"),
        encoded("https://OPERATIONS.example/v1/"),
        encoded(&format!("{API} ")),
        format!("{}/", encoded(API)),
        scene.api_id.to_uppercase(),
    ] {
        let answer = client
            .patch(&format!("/api/v2/resource-servers/{name}"), &body)
            .await;
        assert_eq!(answer.status, 404, "{name}: {}", answer.text());
    }
    let api = client
        .get(&format!("/api/v2/resource-servers/{}", scene.api_id))
        .await
        .expect(200);
    assert_eq!(api.json()["scopes"].as_array().map(Vec::len), Some(3));
}
