//! The same requests spoilt: what is refused is refused as the document tells.

use serde_json::Value;

use super::Contract;
use super::rehearsal::{Rehearsal, Spoilt};

#[tokio::test]
async fn every_documented_route_is_there_and_asks_who_calls() {
    let contract = Contract::committed();
    let mut rehearsal = Rehearsal::start(&contract).await;
    let mut guarded = 0;
    for route in contract.routes() {
        if route.scheme().is_none() {
            continue;
        }
        for answer in rehearsal.play(&route, Spoilt::Nobody).await {
            assert_eq!(answer.status, 401, "{}: {}", route.name(), answer.text());
        }
        guarded += 1;
    }
    assert!(guarded > 70, "{guarded} routes");
}

#[tokio::test]
async fn a_token_without_scopes_may_do_nothing() {
    let contract = Contract::committed();
    let rehearsal = Rehearsal::start(&contract).await;
    let powerless = rehearsal.server.client_with("read:logs").await;
    let mut refused = 0;
    for route in contract.routes() {
        if route.scheme() != Some("bearer") {
            continue;
        }
        let bodies = route.request_bodies();
        let body = bodies.first().and_then(|body| body.examples.first());
        let body = body.map(|(_, example)| ("application/json", *example));
        let request = rehearsal.request(&route, body, Spoilt::No);
        let answer = powerless.instead(request).send().await;
        assert_eq!(answer.status, 403, "{}: {}", route.name(), answer.text());
        route.check(&answer);
        refused += 1;
    }
    assert!(refused > 35, "{refused} routes");
}

#[tokio::test]
async fn names_that_nothing_has_are_refused_as_documented() {
    let contract = Contract::committed();
    let mut rehearsal = Rehearsal::start(&contract).await;
    rehearsal
        .play(&contract.route("nestauth.logIn"), Spoilt::No)
        .await;
    let mut missing = 0;
    for route in contract.routes() {
        if !route.path.contains('{') {
            continue;
        }
        for answer in rehearsal.play(&route, Spoilt::Nameless).await {
            missing += usize::from(answer.status == 404);
        }
    }
    assert!(missing > 30, "{missing} answers");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_as_documented() {
    let contract = Contract::committed();
    let mut rehearsal = Rehearsal::start(&contract).await;
    rehearsal
        .play(&contract.route("nestauth.logIn"), Spoilt::No)
        .await;
    let mut refused = 0;
    for route in contract.routes() {
        if route.request_bodies().is_empty() {
            continue;
        }
        for answer in rehearsal.play(&route, Spoilt::Garbled).await {
            assert_eq!(answer.status, 400, "{}: {}", route.name(), answer.text());
            refused += 1;
        }
    }
    assert!(refused > 25, "{refused} routes");
}

#[tokio::test]
async fn the_parameters_of_reads_are_those_that_are_documented() {
    let contract = Contract::committed();
    let rehearsal = Rehearsal::start(&contract).await;
    let client = rehearsal.server.client();
    let mut compared = 0;
    for route in contract.routes() {
        let reads = route.path.starts_with("/v1/") && !route.path.starts_with("/v1/commands");
        if !reads {
            continue;
        }
        let path = route.path.replace("{position}", "0-1");
        let method = hyper::Method::from_bytes(route.method.as_bytes()).expect("a method");
        let request = client.request(method, &format!("{path}?no_such_key=1"));
        let answer = request.send().await.expect(400);
        route.check(&answer);
        let said = answer.json();
        let said = said["detail"].as_str().expect("a detail");
        let (_, known) = said.split_once("known are ").expect(said);
        let mut known: Vec<&str> = known.split(", ").collect();
        let mut told: Vec<&str> = route
            .parameters()
            .into_iter()
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        known.sort_unstable();
        told.sort_unstable();
        assert_eq!(known, told, "{}", route.name());
        compared += 1;
    }
    assert_eq!(compared, 8);
}

#[tokio::test]
async fn other_methods_are_not_taken() {
    let contract = Contract::committed();
    let rehearsal = Rehearsal::start(&contract).await;
    let client = rehearsal.server.client();
    for route in contract.routes() {
        if !route.path.starts_with("/v1/") || contract.whole["paths"][route.path]["put"].is_object()
        {
            continue;
        }
        let path = route.path.replace("{position}", "0-1").replace("{id}", "x");
        let answer = client
            .request(hyper::Method::PUT, &path)
            .send()
            .await
            .expect(405);
        assert_eq!(answer.json()["code"], Value::from("method-not-allowed"));
    }
}
