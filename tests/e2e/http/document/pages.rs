//! What is served beside the document.

use std::fs;

use writ_tests::Server;

use super::Contract;

#[tokio::test]
async fn the_document_is_served_as_it_is_committed() {
    let server = Server::start().await;
    let client = server.anonymous();
    let answer = client.get("/openapi.json").await.expect(200);
    assert_eq!(answer.json(), Contract::committed().whole);
    let tag = answer.header("etag").to_owned();
    let again = client.request(hyper::Method::GET, "/openapi.json");
    let again = again.header("if-none-match", &tag).send().await;
    assert!(again.expect(304).body.is_empty());
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let server = Server::start().await;
    let client = server.anonymous();
    for path in [
        "/docs",
        "/docs/page.js",
        "/docs/page.css",
        "/problems",
        "/problems/stale",
    ] {
        let answer = client.get(path).await.expect(200);
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.text().contains("://"), "{path} names another host");
    }
    let page = client.get("/docs").await.text();
    for asset in ["/docs/page.js", "/docs/page.css"] {
        assert!(page.contains(asset), "{page}");
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_page() {
    let server = Server::start().await;
    let client = server.anonymous();
    let problem = client.get("/no-such-path").await.expect(404).json();
    let place = problem["type"].as_str().expect("a type");
    let page = client.get(place).await.expect(200);
    let title = problem["title"].as_str().expect("a title");
    assert!(page.text().contains(title), "{}", page.text());
    let missing = client.get("/problems/no-such-code").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn schemas_are_served_as_they_are_committed() {
    let server = Server::start().await;
    let client = server.anonymous();
    for name in ["change", "command", "fact", "outcome"] {
        let file = format!("{name}.schema.json");
        let path = format!("{}/../schemas/{file}", env!("CARGO_MANIFEST_DIR"));
        let committed = fs::read_to_string(path).expect("a schema");
        let answer = client.get(&format!("/schemas/{file}")).await.expect(200);
        assert_eq!(answer.text(), committed, "{file}");
    }
    let missing = client.get("/schemas/no-such.json").await;
    assert_eq!(missing.status, 404);
}
