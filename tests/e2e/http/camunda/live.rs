//! What a live engine (7.24.0, authorization on) was seen to answer to requests as such: engines,
//! credentials, routes, methods, media types, links.

use hyper::Method;
use writ_tests::Server;

use super::{Engine, User, basic, framework, invalid};
use crate::ledger;

#[tokio::test(flavor = "multi_thread")]
async fn engines_are_looked_at_before_credentials_and_those_before_routes() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let head = ledger::head(&server.client()).await;
    let engines = r#"[{"name":"default"}]"#;
    let none = invalid("Process engine x not available");
    let method = framework("NotAllowedException", "405 Method Not Allowed");
    for (method, path, status, told) in [
        (Method::GET, "/engine", 200, engines),
        (Method::GET, "/engine/", 200, engines),
        (Method::POST, "/engine", 405, method.as_str()),
        (Method::GET, "/engine/x/authorization", 404, none.as_str()),
        (Method::GET, "/engine/default/authorization", 401, ""),
        (Method::GET, "/nowhere", 401, ""),
        (Method::PATCH, "/authorization", 401, ""),
        (Method::OPTIONS, "/authorization", 401, ""),
    ] {
        let request = engine
            .client()
            .request(method, &format!("/engine-rest{path}"));
        let answer = request.send().await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, told),
            "{path}"
        );
        let challenge = if status == 401 {
            "Basic realm=\"default\""
        } else {
            ""
        };
        assert_eq!(answer.header("www-authenticate"), challenge, "{path}");
    }
    assert_eq!(ledger::head(&server.client()).await, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_methods_and_media_types_have_the_frameworks_answers() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let not_found = framework("NotFoundException", "404 Not Found");
    let method = framework("NotAllowedException", "405 Method Not Allowed");
    let count = r#"{"count":22}"#;
    engine
        .answers_all(&[
            ("GET", "/nowhere", "", 404, &not_found),
            ("GET", "/authorization/a/b", "", 404, &not_found),
            ("PATCH", "/authorization/x", "", 405, &method),
            ("POST", "/authorization", "", 405, &method),
            ("GET", "/authorization/count/", "", 200, count),
            ("GET", "/engine/default/authorization/count", "", 200, count),
            ("HEAD", "/authorization/count", "", 200, ""),
        ])
        .await;
    let head = engine.ask("HEAD", "/authorization/count", "").await;
    assert_eq!(head.header("content-length"), count.len().to_string());
    let not_acceptable = framework("NotAcceptableException", "406 Not Acceptable");
    for (accept, status, told) in [
        ("text/html", 406, not_acceptable.as_str()),
        ("*/*", 200, count),
        ("application/*;q=0.1", 200, count),
        ("text/html, application/json", 200, count),
    ] {
        let path = "/engine-rest/authorization/count";
        let request = engine.client().request(Method::GET, path);
        let request = request.header("authorization", &basic(&engine.admin()));
        let answer = request.header("accept", accept).send().await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, told),
            "{accept}"
        );
        assert_eq!(
            answer.header("content-type"),
            "application/json",
            "{accept}"
        );
        assert_eq!(answer.header("cache-control"), "no-cache", "{accept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_say_what_the_caller_may_do() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    engine.user("ann").await;
    let (admin, ann) = (engine.admin(), User::new("ann", "ann"));
    let base = format!("http://{}/engine-rest", server.address());
    let link = |method: &str, path: &str, rel: &str| {
        format!(r#"{{"method":"{method}","href":"{base}{path}","rel":"{rel}"}}"#)
    };
    let links = |links: &[String]| format!(r#"{{"links":[{}]}}"#, links.join(","));
    let all = [
        link("GET", "/authorization", "list"),
        link("GET", "/authorization/count", "count"),
        link("POST", "/authorization/create", "create"),
    ];
    let odd = "/authorization/%C3%A9%20/";
    let of_odd = [
        link("GET", "/authorization/%C3%A9%20", "self"),
        link("DELETE", "/authorization/%C3%A9%20", "delete"),
        link("PUT", "/authorization/%C3%A9%20", "update"),
    ];
    // Whether it is there is not looked at, and the engine that was named stays in the links.
    let one = "/engine/default/authorization/unknown";
    let of_one = [
        link("GET", one, "self"),
        link("DELETE", one, "delete"),
        link("PUT", one, "update"),
    ];
    for (by, path, told) in [
        (&admin, "/authorization", links(&all)),
        (&ann, "/authorization", links(&all[..2])),
        (&admin, one, links(&of_one)),
        (&admin, odd, links(&of_odd)),
        (&ann, one, links(&of_one[..1])),
    ] {
        engine
            .answers(by, ("OPTIONS", path, ""), (200, &told))
            .await;
    }
}
