//! Grants, checks and reasons over HTTP: bodies, points of history, refusals.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use writ_command::Decided;
use writ_domain::{Command, Realm, TenantSeq};

use super::world::{
    API, Client, World, assign, create_api, create_role, grant_role, grant_user, register_user,
    replace_permissions, revoke_user,
};

const ANN_READS: &str = "subject=ann&permission=read&resource=https%3A%2F%2Fa%2F";

/// Ann may read directly and by `r`, bob by `r`.
async fn readers() -> (World, Vec<Decided>) {
    let world = World::new().await;
    let commands = [
        /* 1 */ create_api(&["read", "write"]),
        /* 2 */ create_role("r"),
        /* 3 */ register_user("ann"),
        /* 4 */ register_user("bob"),
        /* 5 */ grant_role("r", &["read"]),
        /* 6 */ assign("ann", "r"),
        /* 7 */ assign("bob", "r"),
        /* 8 */ grant_user("ann", &["read"]),
    ];
    let mut decided = Vec::new();
    for command in commands {
        decided.push(world.submit(command).await);
    }
    (world, decided)
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn opened(decided: &Decided) -> Value {
    let entry = &decided.entry;
    json!({
        "position": entry.position.to_string(), "tenant_seq": entry.tenant_seq.0,
        "time": time(entry.time), "actor": "ann",
    })
}

fn as_of(decided: &Decided, provisional: bool) -> Value {
    json!({
        "revision": decided.revision.to_string(), "tenant_seq": decided.entry.tenant_seq.0,
        "time": time(decided.entry.time), "provisional": provisional,
    })
}

fn grant((kind, id): (&str, &str), via: &Value, by: &Decided) -> Value {
    json!({
        "realm": "auth0", "subject": {"type": kind, "id": id}, "permission": "read",
        "resource": API, "effect": "allow", "via": via, "opened_by": opened(by),
    })
}

#[tokio::test]
async fn grants_are_told_from_either_end_with_the_entry_that_opened_them() {
    let (world, decided) = readers().await;
    let client = world.client("ledger:read");
    let (direct, by_r) = (
        json!({"type": "direct"}),
        json!({"type": "role", "role": "r"}),
    );
    let ann = client.read("/v1/grants?subject=ann").await;
    assert_eq!(
        ann.body,
        json!({
            "as_of": as_of(&decided[7], false),
            "grants": [
                grant(("user", "ann"), &direct, &decided[7]),
                grant(("user", "ann"), &by_r, &decided[5]),
            ],
            "total": 2, "total_at_least": false, "more": false,
        })
    );
    assert_eq!(ann.revision, Some(decided[7].revision.clone()));
    let who = client
        .read("/v1/grants?resource=https%3A%2F%2Fa%2F&permission=read")
        .await;
    assert_eq!(
        who.body["grants"],
        json!([
            grant(("user", "ann"), &direct, &decided[7]),
            grant(("role", "r"), &direct, &decided[4]),
            grant(("user", "ann"), &by_r, &decided[5]),
            grant(("user", "bob"), &by_r, &decided[6]),
        ])
    );
    let api = client.read("/v1/grants?api=https%3A%2F%2Fa%2F").await;
    assert_eq!(api.body["grants"], who.body["grants"]);
    let role = client.read("/v1/grants?role=r").await;
    assert_eq!(
        role.body["grants"],
        json!([grant(("role", "r"), &direct, &decided[4])])
    );
    let narrowed = client.read("/v1/grants?subject=ann&role=r").await;
    assert_eq!(
        narrowed.body["grants"],
        json!([grant(("user", "ann"), &by_r, &decided[5])])
    );
    for nothing in [
        "subject=cid",
        "subject=ann&realm=native",
        "subject=ann&permission=write",
    ] {
        let answer = client.read(&format!("/v1/grants?{nothing}")).await;
        assert_eq!(answer.body["grants"], json!([]), "{nothing}");
        assert_eq!(answer.body["total"], 0, "{nothing}");
    }
}

#[tokio::test]
async fn pages_of_grants_hold_each_once_whatever_comes_and_goes() {
    let (world, _) = readers().await;
    let client = world.client("ledger:read");
    let first = client
        .read("/v1/grants?resource=https%3A%2F%2Fa%2F&limit=2")
        .await;
    assert_eq!(
        (&first.body["total"], &first.body["more"]),
        (&json!(4), &json!(true))
    );
    // What was told goes, something new comes.
    world.submit(revoke_user("ann", &["read"])).await;
    world.submit(register_user("cid")).await;
    world.submit(assign("cid", "r")).await;
    let next = first.body["next"].as_str().unwrap();
    let uri = format!("/v1/grants?resource=https%3A%2F%2Fa%2F&limit=9&cursor={next}");
    let rest = client.read(&uri).await;
    let ids: Vec<&Value> = rest.body["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|grant| &grant["subject"]["id"])
        .collect();
    assert_eq!(ids, ["ann", "bob", "cid"]);
    assert_eq!(rest.body.get("total"), None);
    assert_eq!(rest.body["more"], false);
}

#[tokio::test]
async fn a_check_says_by_what_and_since_which_entry() {
    let (world, decided) = readers().await;
    let client = world.client("ledger:read");
    let question = json!({"subject": "bob", "permission": "read", "resource": API});
    let one = client.post("/v1/check", &question).await;
    let mut since = opened(&decided[6]);
    since.as_object_mut().unwrap().remove("actor");
    assert_eq!(
        one.body,
        json!({
            "as_of": as_of(&decided[7], false), "allowed": true, "realm": "auth0",
            "via": {"type": "role", "role": "r"}, "opened_by": since,
        })
    );
    let checks = json!({"checks": [
        {"subject": "ann", "permission": "read", "api": API},
        {"subject": "ann", "permission": "write", "resource": API},
        {"subject": "bob", "permission": "read", "resource": API, "realm": "native"},
    ]});
    let many = client.post("/v1/check", &checks).await;
    assert_eq!(many.each("answers", "allowed"), [true, false, false]);
    assert_eq!(many.body["answers"][0]["via"], json!({"type": "direct"}));
    assert_eq!(many.body["answers"][1], json!({"allowed": false}));
    // Before bob had the role.
    let uri = format!("/v1/check?as_of={}", decided[5].revision);
    let past = client.post(&uri, &question).await;
    assert_eq!(
        past.body,
        json!({"as_of": as_of(&decided[5], false), "allowed": false})
    );
    assert_eq!(past.revision, Some(decided[5].revision.clone()));
    let thousand = vec![question; 1_000];
    let answers = client
        .post("/v1/check", &json!({ "checks": thousand }))
        .await;
    assert_eq!(answers.each("answers", "allowed"), vec![true; 1_000]);
}

/// The kinds of a way's steps, with the entries that opened and closed them.
fn steps(way: &Value) -> Vec<(&str, u64, Option<u64>)> {
    let steps = way["steps"].as_array().unwrap().iter();
    let step = |step: &'_ Value| {
        let at = |name: &str| step[name]["tenant_seq"].as_u64();
        (at("opened_by").unwrap(), at("closed_by"))
    };
    steps
        .map(|of| {
            let (opened, closed) = step(of);
            (of["kind"].as_str().unwrap(), opened, closed)
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "one story, told to its end")]
#[tokio::test]
async fn a_yes_is_explained_by_every_way_and_a_no_by_who_took_it_away() {
    let (world, decided) = readers().await;
    let client = world.client("ledger:read");
    let uri = format!("/v1/explain?{ANN_READS}");
    let yes = client.read(&uri).await;
    assert_eq!(yes.body["allowed"], true);
    assert_eq!(yes.body["as_of"], as_of(&decided[7], false));
    let ways = yes.body["ways"].as_array().unwrap();
    assert_eq!(
        steps(&ways[0]),
        [
            ("user", 3, None),
            ("user_permission", 8, None),
            ("permission", 1, None),
            ("resource", 1, None)
        ]
    );
    assert_eq!(
        steps(&ways[1]),
        [
            ("user", 3, None),
            ("user_role", 6, None),
            ("role", 2, None),
            ("role_permission", 5, None),
            ("permission", 1, None),
            ("resource", 1, None),
        ]
    );
    let opened = &ways[1]["opened_by"];
    assert_eq!(opened["revision"], decided[5].revision.to_string());
    assert_eq!(opened["actor"]["subject"], "ann");
    assert_eq!(
        (&opened["kind"], &opened["reason"]),
        (&json!("AssignUserRoles"), &json!("because"))
    );

    // The permission goes: both ways end, by one entry that names neither of them.
    let removal = world.submit(replace_permissions(&["write"])).await;
    let no = client.read(&uri).await;
    assert_eq!(
        (&no.body["allowed"], &no.body["ways"]),
        (&json!(false), &json!([]))
    );
    let lost = &no.body["lost"];
    assert_eq!(
        lost["closed_by"]["position"],
        removal.entry.position.to_string()
    );
    assert_eq!(lost["ways"].as_array().unwrap().len(), 2);
    assert_eq!(
        steps(&lost["ways"][0]),
        [
            ("user", 3, None),
            ("user_permission", 8, None),
            ("permission", 1, Some(9)),
            ("resource", 1, None),
        ]
    );
    assert_eq!(no.body["absent"], json!(["permission"]));
    // Another permission of that name inherits nothing, and the same entry is still to blame.
    world.submit(replace_permissions(&["write", "read"])).await;
    let again = client.read(&uri).await;
    assert_eq!(again.body["lost"]["closed_by"], lost["closed_by"]);
    assert_eq!(again.body.get("absent"), None);
    let past = client
        .read(&format!("{uri}&as_of={}", decided[7].revision))
        .await;
    assert_eq!(past.body, yes.body);
    let never = client
        .read(&uri.replace("ann", "bob").replace("read", "write"))
        .await;
    assert_eq!(
        (never.body["allowed"].as_bool(), never.body.get("lost")),
        (Some(false), None)
    );
}

#[tokio::test]
async fn an_instant_is_inclusive_and_provisional_until_something_later_is_decided() {
    let (world, decided) = readers().await;
    let client = world.client("ledger:read");
    let at = |instant: DateTime<Utc>| format!("/v1/grants?subject=ann&as_of={}", time(instant));
    let micro = TimeDelta::microseconds(1);
    let (sixth, last) = (&decided[5], &decided[7]);
    for (instant, expected, provisional) in [
        (sixth.entry.time, sixth, false),
        (sixth.entry.time - micro, &decided[4], false),
        (last.entry.time, last, true),
        (last.entry.time + TimeDelta::days(1), last, true),
    ] {
        let answer = client.read(&at(instant)).await;
        assert_eq!(
            answer.body["as_of"],
            as_of(expected, provisional),
            "{instant}"
        );
        assert_eq!(answer.revision, Some(expected.revision.clone()));
    }
    let before = client.read(&at(decided[0].entry.time - micro)).await;
    assert_eq!(before.body["as_of"]["tenant_seq"], 0);
    assert_eq!(before.body["grants"], json!([]));
    // Of another tenant: what it decides settles what this one's past is.
    let role = Command::CreateRole {
        realm: Realm::Auth0,
        id: "x".to_owned(),
        name: "x".to_owned(),
        description: None,
    };
    world.submit_for("other", role).await;
    let settled = client.read(&at(last.entry.time)).await;
    assert_eq!(settled.body["as_of"], as_of(last, false));
}

async fn refused(client: &Client, uri: &str, expected: (u16, &str)) {
    let answer = client.get(uri).await;
    assert_eq!(answer.problem(), expected, "{uri}: {}", answer.text);
    assert!(answer.revision.is_some(), "{uri}");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_by_name() {
    let (world, decided) = readers().await;
    let client = world.client("ledger:read");
    let mut forged = decided[7].revision.clone();
    forged.chain8[0] ^= 1;
    let forged = format!("/v1/grants?subject=ann&as_of={forged}");
    refused(&client, &forged, (409, "history-forked")).await;
    // Of the beginning there is one revision, too.
    let mut forged = decided[7].revision.clone();
    forged.tenant_seq = TenantSeq::ZERO;
    for uri in [
        format!("/v1/grants?subject=ann&as_of={forged}"),
        format!("/v1/grants?subject=ann&at_least={forged}"),
    ] {
        refused(&client, &uri, (409, "history-forked")).await;
    }
    for uri in [
        "/v1/grants",
        "/v1/grants?realm=auth0",
        "/v1/grants?permission=read",
        "/v1/grants?subject=ann&user=ann",
        "/v1/grants?resource=a&api=a",
        "/v1/grants?subject=ann&realm=mars",
        "/v1/grants?subject=ann&limit=0",
        "/v1/grants?subject=ann&limit=1001",
        "/v1/grants?subject=ann&cursor=1",
        "/v1/grants?subject=ann&cursor=1.2.3.04",
        "/v1/grants?subject=ann&cursor=2.0.0.0.0",
        "/v1/grants?group=g&role=r",
        "/v1/grants?subject=%",
        "/v1/grants?subject=%zz",
        "/v1/grants?subject=%ff",
        "/v1/grants?sub%C3ject=ann",
        "/v1/grants?subject=ann&as_of=yesterday",
        "/v1/grants?subject=ann&as_of=2026-01-01T00:00:00+01:00",
        "/v1/explain?subject=ann&permission=read",
        "/v1/explain?subject=ann&resource=a",
        "/v1/explain?permission=read&resource=a",
        "/v1/history?permission=read",
        "/v1/history?user=ann&subject=ann",
        "/v1/history?from=then",
    ] {
        refused(&client, uri, (400, "malformed")).await;
    }
    let good = json!({"subject": "a", "permission": "b", "resource": "c"});
    let audit = world.client("ledger:audit");
    for uri in [
        "/v1/grants?subject=ann",
        &format!("/v1/explain?{ANN_READS}"),
    ] {
        assert_eq!(audit.get(uri).await.problem(), (403, "forbidden"));
    }
    assert_eq!(
        audit.post("/v1/check", &good).await.problem(),
        (403, "forbidden")
    );
    let nobody = world.client("").with_token("a.b.c");
    assert_eq!(
        nobody.post("/v1/check", &good).await.problem(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn a_question_that_is_none_is_refused() {
    let (world, _) = readers().await;
    let client = world.client("ledger:read");
    let good = json!({"subject": "a", "permission": "b", "resource": "c"});
    for body in [
        json!([]),
        json!({}),
        json!({"subject": "a", "permission": "b"}),
        json!({"subject": "a", "permission": "b", "resource": "c", "realm": "mars"}),
        json!({"subject": "a\u{0}", "permission": "b", "resource": "c"}),
        json!({"subject": "a", "permission": "b", "resource": "c", "context": {}}),
        json!(["a", "b", "c", null, null]),
        json!({"checks": [["a", "b", "c", null, null]]}),
        json!({"checks": []}),
        json!({"checks": {}}),
        json!({"checks": [good], "subject": "a"}),
        json!({"checks": vec![good.clone(); 1_001]}),
    ] {
        let answer = client.post("/v1/check", &body).await;
        assert_eq!(
            answer.problem(),
            (400, "malformed"),
            "{:.100}",
            body.to_string()
        );
    }
}

#[tokio::test]
async fn history_is_asked_by_actor_permission_and_time() {
    let (world, decided) = readers().await;
    world.submit(grant_user("bob", &["write"])).await;
    let client = world.client("ledger:audit");
    let of = |decided: &Decided| time(decided.entry.time);
    let seqs = async |query: String| {
        let answer = client.read(&format!("/v1/history?{query}")).await;
        let seqs = answer.each("entries", "tenant_seq");
        seqs.into_iter()
            .map(|seq| seq.as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let rows = [
        ("actor=ann&limit=3".to_owned(), vec![9, 8, 7]),
        ("actor=nobody".to_owned(), vec![]),
        ("actor=ann&role=r&order=oldest".to_owned(), vec![2, 5, 6, 7]),
        ("actor=bob&role=r".to_owned(), vec![]),
        (
            "api=https%3A%2F%2Fa%2F&permission=read".to_owned(),
            vec![8, 5, 1],
        ),
        (
            "resource=https%3A%2F%2Fa%2F&permission=write".to_owned(),
            vec![9, 1],
        ),
        ("subject=bob&permission=write".to_owned(), vec![9]),
        (
            format!("from={}&to={}", of(&decided[2]), of(&decided[4])),
            vec![5, 4, 3],
        ),
        (
            format!("from={}&order=oldest", of(&decided[6])),
            vec![7, 8, 9],
        ),
        (format!("to={}", of(&decided[1])), vec![2, 1]),
        (format!("role=r&from={}", of(&decided[5])), vec![7, 6]),
    ];
    for (query, expected) in rows {
        assert_eq!(seqs(query.clone()).await, expected, "{query}");
    }
    let first = client
        .read("/v1/history?actor=ann&permission=read&limit=2")
        .await;
    assert_eq!(first.each("entries", "tenant_seq"), [8, 5]);
    let next = first.body["next"].as_str().unwrap();
    let rest = format!("actor=ann&permission=read&limit=2&cursor={next}");
    assert_eq!(seqs(rest).await, [1]);
}
