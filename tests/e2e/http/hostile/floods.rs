//! More than anybody needs: large bodies and long lists.

use std::time::Duration;

use serde_json::{Value, json};
use writ_tests::raw::Connection;

use super::{Target, assert_refused, assert_refused_raw};

const LIMIT: Duration = Duration::from_mins(1);
const MANY: usize = 1_000_000;
const HUGE: usize = 50 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

fn head(target: &Target, body: &str) -> Vec<u8> {
    format!(
        "POST /api/v2/roles HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\n{body}\r\n\r\n",
        target.server.address(),
        target.server.ready().token
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_are_refused_before_they_are_read() {
    let target = Target::start().await;
    let announced = head(&target, &format!("content-length: {HUGE}"));
    let connection = Connection::open(target.server.address()).await;
    let answer = connection
        .pour(announced, vec![b' '; PIECE], HUGE / PIECE, LIMIT)
        .await;
    assert_refused_raw("announced", &answer, &[413]);
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_in_chunks_are_refused() {
    let target = Target::start().await;
    let unannounced = head(&target, "transfer-encoding: chunked");
    let chunk = [
        format!("{PIECE:x}\r\n").into_bytes(),
        vec![b' '; PIECE],
        b"\r\n".to_vec(),
    ];
    let connection = Connection::open(target.server.address()).await;
    let answer = connection
        .pour(unannounced, chunk.concat(), HUGE / PIECE, LIMIT)
        .await;
    assert_refused_raw("in chunks", &answer, &[413]);
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_permissions_are_refused() {
    let target = Target::start().await;
    let pairs: Vec<Value> = (0..MANY)
        .map(|n| json!({"resource_server_identifier": "a", "permission_name": n.to_string()}))
        .collect();
    let pairs = json!({"permissions": pairs});
    let scopes: Vec<Value> = (0..MANY).map(|n| json!({"value": n.to_string()})).collect();
    let scopes = json!({"scopes": scopes});
    let role = format!("/api/v2/roles/{}/permissions", target.role);
    let user = format!("/api/v2/users/{}/permissions", target.user);
    let api = format!("/api/v2/resource-servers/{}", target.api);
    for (method, path, body) in [
        ("DELETE", role, &pairs),
        ("DELETE", user, &pairs),
        ("PATCH", api, &scopes),
    ] {
        let body = body.to_string().into_bytes();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            target.server.address(),
            target.server.ready().token,
            body.len(),
        );
        let connection = Connection::open(target.server.address()).await;
        let answer = connection.pour(head.into_bytes(), body, 1, LIMIT).await;
        assert_refused_raw(&format!("{method} {path}"), &answer, &[400, 413]);
    }
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_over_the_limit_of_an_api_is_refused_whole() {
    let target = Target::start().await;
    let scopes: Vec<Value> = (0..1_001)
        .map(|n| json!({"value": format!("s:{n}")}))
        .collect();
    let path = format!("/api/v2/resource-servers/{}", target.api);
    let answer = target.client.patch(&path, &json!({"scopes": scopes})).await;
    assert_refused("1,001 scopes", &answer, &[400, 403]);
    let api = target.client.get(&path).await.expect(200).json();
    assert_eq!(api["scopes"], json!([{"value": "read:a"}]));
    target.lives_on().await;
}
