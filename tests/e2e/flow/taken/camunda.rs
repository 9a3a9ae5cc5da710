//! The same of Camunda's realm: memberships and authorizations, and grants by group.

use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::{effects, told, took};
use crate::http::camunda::Engine;
use crate::ledger::{Revision, encoded, head, list, text};

/// A body of an authorization on one process.
fn held(permissions: &[&str], (holder, id): (&str, &str)) -> String {
    json!({
        "type": 1, "permissions": permissions, holder: id, "resourceType": 6,
        "resourceId": "invoice",
    })
    .to_string()
}

/// What an effect says of such a one.
fn terms(permissions: &[&str], (holder, id): (&str, &str)) -> Value {
    json!({"resource": "ProcessDefinition/invoice", "permissions": permissions, holder: id})
}

/// Ann is a member of a group, by the newest entry.
async fn sales(server: &Server) -> Engine {
    let engine = Engine::of(server);
    engine.user("ann").await;
    let group = json!({"id": "sales", "name": "Sales"}).to_string();
    for (method, path, body) in [
        ("POST", "/group/create", group.as_str()),
        ("PUT", "/group/sales/members/ann", ""),
    ] {
        drop(engine.ask(method, path, body).await.expect(204));
    }
    engine
}

/// An effect, with what does not lie in every one of them.
fn effect(common: Value, more: Value) -> Value {
    let (Value::Object(mut members), Value::Object(more)) = (common, more) else {
        panic!("two objects");
    };
    members.extend(more);
    Value::Object(members)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_camunda_changes_is_told_with_what_it_was() {
    let server = Server::start().await;
    let (client, engine) = (server.client(), sales(&server).await);
    let both = ["READ", "UPDATE"];
    let id = engine.made(&held(&both, ("groupId", "sales"))).await;
    let of_it = format!("authorization={id}");
    let told_of = |more: Value| {
        let common = json!({
            "kind": "grant_authorization", "realm": "camunda", "authorization": id,
        });
        effect(common, more)
    };
    let (before, after) = (
        terms(&both, ("group", "sales")),
        terms(&["READ"], ("user", "ann")),
    );
    let made = head(&client).await;
    let gained = told_of(json!({"change": "gained", "after": before, "opened_by": made}));
    assert_eq!(effects(&client, &of_it).await, [gained]);

    let path = format!("/authorization/{id}");
    let less = held(&["READ"], ("userId", "ann"));
    drop(engine.ask("PUT", &path, &less).await.expect(204));
    let put = head(&client).await;
    let changed = told_of(json!({
        "change": "changed", "before": before, "after": after, "opened_by": made, "closed_by": put,
    }));
    assert_eq!(effects(&client, &of_it).await, [changed]);
    // It concerns whose it was and whose it is.
    for query in ["group=sales", "user=ann"] {
        assert_eq!(told(&client, query).await[0].0, put, "{query}");
    }

    drop(engine.ask("DELETE", &path, "").await.expect(204));
    let lost = told_of(json!({
        "change": "lost", "before": after, "opened_by": put, "closed_by": put + 1,
    }));
    assert_eq!(effects(&client, &of_it).await, [lost]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_and_loses_a_group_is_told() {
    let server = Server::start().await;
    let (client, engine) = (server.client(), sales(&server).await);
    let member = |more: Value| {
        let common = json!({
            "kind": "group_member", "realm": "camunda", "user": "ann", "group": "sales",
        });
        effect(common, more)
    };
    let joined = head(&client).await;
    assert_eq!(
        effects(&client, "user=ann").await,
        [member(json!({"change": "gained", "opened_by": joined}))]
    );
    drop(engine.ask("DELETE", "/group/sales", "").await.expect(204));
    took(&server, "user", "ann").await;
    let ended = head(&client).await;
    // What the engine had let the group's members do with it ended by itself.
    let lost = effects(&client, "user=ann").await;
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert_eq!(
        (&lost[0]["kind"], &lost[0]["before"]["resource"]),
        (&json!("grant_authorization"), &json!("Group/sales"))
    );
    let told = json!({"change": "lost", "opened_by": joined, "closed_by": ended});
    assert_eq!(lost[1], member(told));
}

/// The grants of an authorization: whose, and what.
async fn grants(client: &Client, query: &str, id: &str) -> Vec<String> {
    let path = format!("/v1/grants?{query}");
    let page = client.get(&path).await.expect(200).json();
    let grants = list(&page["grants"]);
    assert_eq!(page["total"], grants.len(), "{page}");
    // What the engine lets a group's members do with it is theirs, too.
    let of_it = grants.iter().filter(|grant| grant["authorization"] == id);
    let line = |grant: &Value| {
        let (holder, permission) = (&grant["subject"]["type"], &grant["permission"]);
        format!("{} {}", text(holder), text(permission))
    };
    of_it.map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_asked_by_group_from_either_end() {
    let server = Server::start().await;
    let (client, engine) = (server.client(), sales(&server).await);
    let before = client.get("/v1/grants?group=sales").await.expect(200);
    let before = Revision::of(&before).text();
    let id = engine
        .made(&held(&["READ", "UPDATE"], ("groupId", "sales")))
        .await;
    engine.made(&held(&["DELETE"], ("userId", "ann"))).await;
    let resource = encoded("ProcessDefinition/invoice");
    let of_resource = format!("group=sales&resource={resource}&permission=READ");
    let then = format!("group=sales&as_of={before}");
    let rows: [(&str, &[&str]); 7] = [
        ("group=sales", &["group READ", "group UPDATE"]),
        (&of_resource, &["group READ"]),
        ("group=sales&subject=ann", &["user READ", "user UPDATE"]),
        ("group=sales&subject=ann&permission=DELETE", &[]),
        ("group=others", &[]),
        ("group=sales&realm=auth0", &[]),
        (&then, &[]),
    ];
    for (query, expected) in rows {
        assert_eq!(grants(&client, query, &id).await, expected, "{query}");
    }
    let both = client.get("/v1/grants?group=sales&role=r").await;
    assert_eq!(both.status, 400, "{}", both.text());
    let whole = client.get("/v1/grants?group=sales").await;
    let whole = whole.expect(200).json();
    let asked = ["grants", "--group", "sales", "--json"];
    let printed: Value = serde_json::from_str(&server.run(&asked).await).expect("JSON");
    assert_eq!(printed, whole);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/grants?group=sales&limit=1{cursor}");
        let page = client.get(&path).await.expect(200).json();
        paged.extend(list(&page["grants"]));
        assert_eq!(page["more"], page["next"].is_string(), "{page}");
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, list(&whole["grants"]));
}
