//! `PUT /engine-rest/authorization/{id}`: each way in which it ends, and what is told of it.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Launch, Server};

use super::{Engine, User, bad_user_request, basic, missing, no_such};
use crate::http::five::{Entry, Row, bare};
use crate::ledger::{self, encoded, list, text};
use crate::watch::{Watch, grants};

pub(super) const COMMAND: &str = "UpdateAuthorization";
pub(super) const GRANT: &str =
    r#"{"type":1,"permissions":["READ"],"userId":"jonny","resourceType":1,"resourceId":"x"}"#;

pub(super) fn path(id: &str) -> String {
    format!("/engine-rest/authorization/{id}")
}

/// A request of somebody's, with a body.
pub(super) fn put(engine: &Engine, by: &User, id: &str, body: &str) -> Row {
    Row::new("put", engine.client(), Method::PUT, &path(id))
        .header("authorization", &basic(by))
        .json(body)
}

/// Terms as facts tell them.
fn terms(holder: &Value, resource_type: i32, resource_id: Option<&str>, bits: u32) -> Value {
    let mut terms = json!({
        "holder": holder, "resource_type": resource_type, "permissions": bits,
    });
    if let Some(id) = resource_id {
        terms["resource_id"] = id.into();
    }
    terms
}

fn user(id: &str) -> Value {
    json!({"type": "user", "user": id})
}

fn group(id: &str) -> Value {
    json!({"type": "group", "group": id})
}

#[tokio::test(flavor = "multi_thread")]
async fn it_moves_from_holder_to_holder_on_record() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let id = engine.made(GRANT).await;
    let mut watch = Watch::on(&server).await;
    let changed = |before: Value, after: Value| {
        json!({
            "type": "AuthorizationChanged", "authorization": {"id": id}, "kind": "grant",
            "before": before, "after": after,
        })
    };
    let first = terms(&user("jonny"), 1, Some("x"), 2);
    let second = terms(&group("g"), 2, None, 4 | 16);
    let third = terms(&user("mary"), 6, Some("*"), 4 | 16);
    let fourth = terms(&user("mary"), 6, Some("*"), 2_147_483_647);
    for (body, facts, shown) in [
        // Absent is null; what else is said of it, and what is unknown, is not looked at.
        (
            r#"{"id":"other","type":2,"permissions":["UPDATE","DELETE"],"groupId":"g","resourceType":2,"removalTime":"2018-02-10T14:33:19.000+0200","rootProcessInstanceId":"r","unknown":[1]}"#,
            changed(first, second.clone()),
            r#""permissions":["UPDATE","DELETE"],"userId":null,"groupId":"g","resourceType":2,"resourceId":null"#,
        ),
        // The bits stay, and mean what they mean on the other type.
        (
            r#"{"userId":"mary","resourceType":6,"resourceId":"*"}"#,
            changed(second, third.clone()),
            r#""permissions":["UPDATE","DELETE"],"userId":"mary","groupId":null,"resourceType":6,"resourceId":"*""#,
        ),
        (
            r#"{"userId":"mary","resourceType":6,"resourceId":"*","permissions":["READ","ALL"]}"#,
            changed(third, fourth),
            r#""permissions":["ALL"],"userId":"mary","groupId":null,"resourceType":6,"resourceId":"*""#,
        ),
    ] {
        let concern = format!("authorization={id}&realm=camunda");
        let entry = Entry::applied(&admin.name, COMMAND, vec![facts], &concern);
        let row = put(&engine, &admin, &id, body)
            .answers(204, "")
            .leaves(entry);
        row.check(&mut watch).await;
        let got = engine.ask("GET", &format!("/authorization/{id}"), "").await;
        let got = got.expect(200).text();
        let all = format!(
            r#"{{"id":"{id}","type":1,{shown},"removalTime":null,"rootProcessInstanceId":null}}"#
        );
        assert_eq!(got, all);
    }
    // Whoever held it, or has come to hold it, finds that in their history.
    for (who, entries) in [("user=jonny", 2), ("group=g", 2), ("user=mary", 2)] {
        let history = ledger::history(watch.client(), &format!("{who}&realm=camunda")).await;
        assert_eq!(history.len(), entries, "{who}: {history:?}");
    }
    assert_eq!(
        grants(watch.client(), "subject=jonny&realm=camunda").await,
        []
    );
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_already_is_a_success_on_record_that_changes_nothing() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let id = engine.made(GRANT).await;
    let mut watch = Watch::on(&server).await;
    let concern = format!("authorization={id}");
    for body in [
        GRANT,
        r#"{"userId":"jonny","resourceId":"x"}"#,
        r#"{"type":null,"permissions":["READ","NONE"],"userId":"jonny","resourceType":"1","resourceId":"x"}"#,
        r#"{"type":"","permissions":["READ","READ"],"userId":"jonny","resourceType":1.5,"resourceId":"x"}"#,
        r#"{"userId":"mary","permissions":["ALL"],"permissions":["READ"],"userId":"jonny","resourceType":1,"resourceId":"x"}"#,
    ] {
        let entry = Entry::unchanged(&admin.name, COMMAND, &concern);
        let row = put(&engine, &admin, &id, body)
            .answers(204, "")
            .leaves(entry);
        row.check(&mut watch).await;
    }
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_is_404_on_record_whatever_can_be_read_of_the_body() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let mut watch = Watch::on(&server).await;
    let rejection = json!({"type": "NoSuchAuthorization", "authorization": "unknown"});
    for body in [
        GRANT,
        "{}",
        r#"{"permissions":["odd"],"userId":"u","resourceType":1}"#,
    ] {
        let concern = "authorization=unknown";
        let entry = Entry::rejected(&admin.name, COMMAND, &rejection, concern);
        let row = put(&engine, &admin, "unknown", body);
        let row = row.answers(404, no_such("unknown")).leaves(entry);
        row.check(&mut watch).await;
    }
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_is_told_404_and_who_may_not_update_403_on_record() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let id = engine.made(GRANT).await;
    engine.user("ann").await;
    let ann = User::new("ann", "ann");
    let mut watch = Watch::on(&server).await;
    let denied = |permission: &str| {
        let denial = json!({
            "type": "MissingPermission", "user": "ann", "permission": permission,
            "resource_type": 4, "resource_id": id,
        });
        Entry::denied("ann", COMMAND, &denial, &format!("authorization={id}"))
    };
    for body in [GRANT, "{}"] {
        let row = put(&engine, &ann, &id, body).answers(404, no_such(&id));
        row.leaves(denied("READ")).check(&mut watch).await;
    }
    let on_authorizations = |permissions: &str| {
        format!(
            r#"{{"type":1,"permissions":[{permissions}],"userId":"ann","resourceType":4,"resourceId":"{id}"}}"#
        )
    };
    let own = engine.made(&on_authorizations("\"READ\"")).await;
    watch.skip().await;
    let row = put(&engine, &ann, &id, GRANT).answers(403, missing("ann", "UPDATE", Some(&id)));
    row.leaves(denied("UPDATE")).check(&mut watch).await;
    // What is malformed comes before the right to update.
    let odd = r#"{"userId":"u","permissions":["odd"],"resourceType":1}"#;
    let told = bad_user_request("The permission 'odd' is not valid for 'USER' resource type.");
    put(&engine, &ann, &id, odd)
        .answers(400, told)
        .check(&mut watch)
        .await;
    // The right acts on the very next request, and the denial names nobody else.
    let more = on_authorizations("\"READ\",\"UPDATE\"");
    drop(
        engine
            .ask("PUT", &format!("/authorization/{own}"), &more)
            .await
            .expect(204),
    );
    watch.skip().await;
    let concern = format!("authorization={id}");
    let entry = Entry::unchanged("ann", COMMAND, &concern);
    let row = put(&engine, &ann, &id, GRANT).answers(204, "");
    row.leaves(entry).check(&mut watch).await;
    let by_ann = ledger::history(watch.client(), "actor=ann").await;
    assert_eq!(by_ann.len(), 4, "{by_ann:?}");
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_moves_is_explained_with_the_entry_that_moved_it() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let id = engine.made(GRANT).await;
    let mut watch = Watch::on(&server).await;
    let granted = grants(watch.client(), "subject=jonny&realm=camunda").await;
    let [(permission, resource)] = granted.as_slice() else {
        panic!("one grant: {granted:?}");
    };
    assert_eq!(permission, "READ");
    let admin = engine.admin();
    let body = GRANT.replace("jonny", "mary");
    let fact = json!({
        "type": "AuthorizationChanged", "authorization": {"id": id}, "kind": "grant",
        "before": terms(&user("jonny"), 1, Some("x"), 2),
        "after": terms(&user("mary"), 1, Some("x"), 2),
    });
    let entry = Entry::applied(
        &admin.name,
        COMMAND,
        vec![fact],
        &format!("authorization={id}"),
    );
    let row = put(&engine, &admin, &id, &body)
        .answers(204, "")
        .leaves(entry);
    let change = row.check(&mut watch).await;
    for (subject, allowed) in [("jonny", false), ("mary", true)] {
        let question = json!({
            "subject": subject, "permission": "READ", "resource": resource, "realm": "camunda",
        });
        let check = watch
            .client()
            .post("/v1/check", &question)
            .await
            .expect(200)
            .json();
        assert_eq!(check["allowed"], allowed, "{subject}: {check}");
        let path = format!(
            "/v1/explain?subject={subject}&permission=READ&resource={}&realm=camunda",
            encoded(resource)
        );
        let explained = watch.client().get(&path).await.expect(200).json();
        assert_eq!(explained["allowed"], allowed, "{subject}: {explained}");
        let by = if allowed {
            &explained["ways"][0]["opened_by"]
        } else {
            &explained["lost"]["closed_by"]
        };
        assert_eq!(
            by["tenant_seq"], change["tenant_seq"],
            "{subject}: {explained}"
        );
    }
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_tag_is_refused_on_record_and_a_key_answers_again() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let id = engine.made(GRANT).await;
    let got = engine.ask("GET", &format!("/authorization/{id}"), "").await;
    let tag = got.header("etag").to_owned();
    assert_ne!(tag, "");
    let mut watch = Watch::on(&server).await;
    let update = GRANT.replace("READ", "UPDATE");
    let send = |body: String, key: Option<&str>| {
        let request = engine.client().request(Method::PUT, &path(&id));
        let request = request
            .header("authorization", &basic(&admin))
            .header("if-match", &tag)
            .body("application/json", body);
        match key {
            Some(key) => request.header("idempotency-key", key).send(),
            None => request.send(),
        }
    };
    let first = send(update.clone(), Some("k")).await.expect(204);
    let (change, _) = watch.one("the first").await;
    assert_eq!(bare(&change["facts"])[0]["after"]["permissions"], 4);
    // Asked again, it is the first answer, though the tag is stale by now.
    let again = send(update, Some("k")).await.expect(204);
    assert_eq!(again.header("writ-revision"), first.header("writ-revision"));
    watch.skip().await;
    drop(send(GRANT.to_owned(), None).await.expect(412));
    let (change, _) = watch.one("a stale tag").await;
    assert_eq!(change["outcome"]["rejection"]["type"], "Stale", "{change}");
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clean_profile_answers_mistakes_with_4xx() {
    let server = Launch::on_fresh_database()
        .await
        .setting("WRIT_CAMUNDA_PROFILE", "clean")
        .start()
        .await;
    let engine = Engine::of(&server);
    let id = engine.made(GRANT).await;
    let other = engine.made(&GRANT.replace("jonny", "mary")).await;
    let mut watch = Watch::on(&server).await;
    for body in ["null", "{}", r#"{"userId":"u","permissions":["READ"]}"#] {
        let answer = engine
            .ask("PUT", &format!("/authorization/{id}"), body)
            .await;
        drop(answer.expect(400));
        watch.nothing(body).await;
    }
    let answer = engine
        .ask("PUT", &format!("/authorization/{other}"), GRANT)
        .await;
    drop(answer.expect(409));
    let (change, _) = watch.one("a twin").await;
    assert_eq!(text(&change["outcome"]["type"]), "rejected");
    assert_eq!(list(&change["facts"]), Vec::<Value>::new());
    watch.end().await;
}
