//! Bodies that are not what they say, one request at a time.

use serde_json::{Value, json};
use writ_tests::{Client, Request};

use super::{Target, assert_refused};

const LONG: usize = 10 * 1024;

fn request(client: &Client, method: &str, path: &str) -> Request {
    client.request(method.parse().expect("a method"), path)
}

/// What no route can take, whatever it asks for.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let deep = 100_000;
    vec![
        ("not JSON", b"hello".to_vec()),
        (
            "truncated in a string",
            br#"{"permissions":[{"resource_server_identifier":"ht"#.to_vec(),
        ),
        ("truncated after a key", br#"{"name":"#.to_vec()),
        ("two documents", b"{} {}".to_vec()),
        ("deep arrays, open", "[".repeat(deep).into_bytes()),
        (
            "deep arrays, closed",
            ["[".repeat(deep), "]".repeat(deep)].concat().into_bytes(),
        ),
        (
            "deep objects, closed",
            [r#"{"name":"#.repeat(deep), "1".to_owned(), "}".repeat(deep)]
                .concat()
                .into_bytes(),
        ),
        (
            "deep value in a known key",
            [
                r#"{"permissions":"#,
                &"[".repeat(deep),
                &"]".repeat(deep),
                "}",
            ]
            .concat()
            .into_bytes(),
        ),
        (
            "invalid UTF-8",
            b"{\"name\":\"\xff\xfe\",\"identifier\":\"\xc3\x28\"}".to_vec(),
        ),
        ("overlong UTF-8", b"{\"name\":\"\xc0\xaf\"}".to_vec()),
        (
            "UTF-16",
            "{\"name\":\"a\"}"
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
        ),
        ("a NUL byte in a string", b"{\"name\":\"a\0b\"}".to_vec()),
        (
            "half a surrogate pair",
            br#"{"name":"\ud800","identifier":"\ud800"}"#.to_vec(),
        ),
        ("an array", b"[]".to_vec()),
        ("a string", br#""name""#.to_vec()),
        ("a number beyond all", b"1e999999".to_vec()),
        ("null", b"null".to_vec()),
        (
            "numbers for text",
            br#"{"name":1,"permissions":2,"roles":3,"scopes":4}"#.to_vec(),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_by_every_route() {
    let target = Target::start().await;
    for (method, path) in target.routes() {
        for (what, body) in nonsense() {
            let request = request(&target.client, method, &path).body("application/json", body);
            let answer = request.send().await;
            assert_refused(&format!("{method} {path}: {what}"), &answer, &[400]);
        }
    }
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_character_that_postgres_cannot_hold_is_refused() {
    let target = Target::start().await;
    let nul = "a\0b";
    let pair = json!({"permissions": [{
        "resource_server_identifier": "https://target.example/",
        "permission_name": nul,
    }]});
    for (method, path) in target.routes() {
        let body = match path.rsplit('/').next() {
            Some("permissions") => pair.clone(),
            Some("roles") if path.contains("/users/") => json!({"roles": [nul]}),
            Some("users") => json!({
                "connection": "Username-Password-Authentication",
                "email": "nul@writ.example",
                "password": "correct horse battery staple",
                "name": nul,
            }),
            Some("resource-servers") => json!({"identifier": "https://nul.example/", "name": nul}),
            _ => json!({"name": nul}),
        };
        let answer = request(&target.client, method, &path)
            .json(&body)
            .send()
            .await;
        assert_refused(&format!("{method} {path}"), &answer, &[400]);
    }
    let answer = target.client.get("/api/v2/roles/rol_%00").await;
    assert_refused("in a path", &answer, &[400, 404]);
    let answer = target.client.get("/api/v2/roles?name_filter=%00").await;
    assert!(
        [200, 400].contains(&answer.status),
        "in a query: {answer:?}"
    );
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_ten_kilobytes_are_refused() {
    let target = Target::start().await;
    let long = "n".repeat(LONG);
    let api = "/api/v2/resource-servers";
    let cases: [(&str, String, Value, &str); 4] = [
        (
            "POST",
            api.to_owned(),
            json!({"identifier": "https://long.example/", "name": long}),
            "Payload validation error: 'String is too long (10240 chars), maximum 200' \
             on property name",
        ),
        (
            "POST",
            api.to_owned(),
            json!({"identifier": long, "name": "Long"}),
            "Payload validation error: 'String is too long (10240 chars), maximum 600' \
             on property identifier",
        ),
        (
            "PATCH",
            format!("{api}/{}", target.api),
            json!({"scopes": [{"value": "read:a"}, {"value": long}]}),
            "Payload validation error: 'String is too long (10240 chars), maximum 280' \
             on property scopes[1].value",
        ),
        (
            "POST",
            "/api/v2/roles".to_owned(),
            json!({"name": long}),
            "Payload validation error: ",
        ),
    ];
    for (method, path, body, message) in cases {
        let answer = request(&target.client, method, &path)
            .json(&body)
            .send()
            .await;
        assert_refused(&format!("{method} {path}"), &answer, &[400]);
        let said = answer.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(said.starts_with(message), "{said}");
    }
    // What was never granted may be called anything: nothing is revoked, or it is refused.
    let never = json!({"permissions": [{
        "resource_server_identifier": "https://target.example/",
        "permission_name": long,
    }]});
    for path in [
        format!("/api/v2/roles/{}/permissions", target.role),
        format!("/api/v2/users/{}/permissions", target.user),
    ] {
        let answer = target.client.delete_with(&path, &never).await;
        assert!([204, 400].contains(&answer.status), "{path}: {answer:?}");
    }
    for path in [format!("{api}/{long}"), format!("/api/v2/roles/{long}")] {
        let answer = target.client.patch(&path, &json!({"name": "Short"})).await;
        assert_refused("in a path", &answer, &[400, 404, 414]);
    }
    target.lives_on().await;
}
