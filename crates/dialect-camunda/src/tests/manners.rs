//! Engines, routes, methods, links.

use super::world::World;

#[tokio::test]
async fn engines_are_looked_at_before_credentials_and_those_before_routes() {
    let world = World::new().await;
    let engines = r#"[{"name":"default"}]"#;
    world.send("GET", "/engine", "", &[]).await.is(200, engines);
    world
        .send("GET", "/engine/", "", &[])
        .await
        .is(200, engines);
    let none = r#"{"type":"InvalidRequestException","message":"Process engine x not available","code":null}"#;
    world
        .send("GET", "/engine/x/authorization", "", &[])
        .await
        .is(404, none);
    for (method, path) in [
        ("GET", "/engine/default/authorization"),
        ("GET", "/nowhere"),
        ("PATCH", "/authorization"),
        ("OPTIONS", "/authorization"),
    ] {
        world.send(method, path, "", &[]).await.is(401, "");
    }
    let method =
        r#"{"type":"NotAllowedException","message":"HTTP 405 Method Not Allowed","code":null}"#;
    world.send("POST", "/engine", "", &[]).await.is(405, method);
    for header in [
        "basic YWRtaW46c2VjcmV0",
        "Basic %",
        "Bearer x",
        "Basic YWRtaW4=",
    ] {
        world
            .send("GET", "/authorization", "", &[("authorization", header)])
            .await
            .is(401, "");
    }
    for header in ["Basic YWRtaW46c2VjcmV0", "Basic  YWRt aW46c2VjcmV0=="] {
        let count = world
            .send(
                "GET",
                "/authorization/count",
                "",
                &[("authorization", header)],
            )
            .await;
        count.is(200, r#"{"count":22}"#);
    }
    world.end().await;
}

#[tokio::test]
async fn paths_methods_and_media_types_have_the_frameworks_answers() {
    let world = World::new().await;
    let framework = |kind: &str, line: &str| {
        format!(r#"{{"type":"{kind}","message":"HTTP {line}","code":null}}"#)
    };
    let not_found = framework("NotFoundException", "404 Not Found");
    world.ask("GET", "/nowhere", "").await.is(404, &not_found);
    world
        .ask("GET", "/authorization/a/b", "")
        .await
        .is(404, &not_found);
    let method = framework("NotAllowedException", "405 Method Not Allowed");
    world
        .ask("PATCH", "/authorization/x", "")
        .await
        .is(405, &method);
    world
        .ask("POST", "/authorization", "")
        .await
        .is(405, &method);
    let accept = framework("NotAcceptableException", "406 Not Acceptable");
    for (range, status) in [
        ("text/html", 406),
        ("*/*", 200),
        ("application/*;q=0.1", 200),
        ("text/html, application/json", 200),
        ("application/json;q=0", 406),
    ] {
        let reply = world
            .ask_more("GET", "/authorization/count", "", &[("accept", range)])
            .await;
        assert_eq!(reply.status.as_u16(), status, "{range}");
        if status == 406 {
            reply.is(406, &accept);
        }
    }
    world
        .ask("GET", "/authorization/count/", "")
        .await
        .is(200, r#"{"count":22}"#);
    let head = world.ask("HEAD", "/authorization/count", "").await;
    head.is(200, "");
    assert_eq!(head.header("content-length"), Some("12"));
    assert_eq!(head.header("cache-control"), Some("no-cache"));
    // A refusal is not to be kept either.
    let refused = world.ask("GET", "/authorization/x", "").await;
    assert_eq!(refused.header("cache-control"), Some("no-cache"));
    let refused = world.send("GET", "/authorization", "", &[]).await;
    assert_eq!(refused.header("cache-control"), Some("no-cache"));
    let refused = world.ask("DELETE", "/authorization/x", "").await;
    assert_eq!(refused.header("cache-control"), None);
    world.end().await;
}

#[tokio::test]
async fn links_say_what_the_caller_may_do() {
    let world = World::new().await;
    world.user("ann").await;
    let base = "http://localhost/engine-rest";
    let link = |method: &str, path: &str, rel: &str| {
        format!(r#"{{"method":"{method}","href":"{base}{path}","rel":"{rel}"}}"#)
    };
    let links = |links: &[String]| format!(r#"{{"links":[{}]}}"#, links.join(","));
    let list = [
        link("GET", "/authorization", "list"),
        link("GET", "/authorization/count", "count"),
    ];
    let mut all = list.to_vec();
    all.push(link("POST", "/authorization/create", "create"));
    world
        .ask("OPTIONS", "/authorization", "")
        .await
        .is(200, &links(&all));
    world
        .ask_as(("ann", "ann"), "OPTIONS", "/authorization", "")
        .await
        .is(200, &links(&list));
    let path = "/engine/default/authorization/unknown";
    let one = [
        link("GET", path, "self"),
        link("DELETE", path, "delete"),
        link("PUT", path, "update"),
    ];
    world.ask("OPTIONS", path, "").await.is(200, &links(&one));
    let odd = "/authorization/%c3%a9%20%22%2f:";
    let encoded = links(&[
        link("GET", "/authorization/%C3%A9%20%22/:", "self"),
        link("DELETE", "/authorization/%C3%A9%20%22/:", "delete"),
        link("PUT", "/authorization/%C3%A9%20%22/:", "update"),
    ]);
    world.ask("OPTIONS", odd, "").await.is(200, &encoded);
    world
        .ask_as(("ann", "ann"), "OPTIONS", path, "")
        .await
        .is(200, &links(&one[..1]));
    world.end().await;
}
