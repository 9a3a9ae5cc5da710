//! Realms asked together over HTTP: Camunda's own evaluation, Nest Auth's roles, linked subjects.

use serde_json::{Value, json};
use writ_command::Decided;
use writ_domain::{Command, Realm, RevokeMode, Settings, SubjectRef};

use super::world::{
    API, Client, World, create_api, create_role, grant_role, grant_user, register_user,
};

fn subject(realm: Realm, id: &str) -> SubjectRef {
    SubjectRef {
        realm,
        id: id.to_owned(),
    }
}

fn create_camunda_user(id: &str) -> Command {
    Command::CreateCamundaUser {
        by: None,
        id: id.to_owned(),
        profile: Settings::new(),
        password_hash: None,
    }
}

fn authorize(id: &str, kind: i32, holder: (Option<&str>, Option<&str>), on: &str) -> Command {
    Command::CreateAuthorization {
        by: None,
        id: id.to_owned(),
        kind,
        user: holder.0.map(str::to_owned),
        group: holder.1.map(str::to_owned),
        resource_type: Some(6),
        resource_id: Some(on.to_owned()),
        permissions: Some(vec!["READ".to_owned(), "UPDATE".to_owned()]),
    }
}

fn revoke(id: &str, user: &str, on: &str) -> Command {
    authorize(id, 2, (Some(user), None), on)
}

async fn all(world: &World, commands: impl IntoIterator<Item = Command>) -> Vec<Decided> {
    let mut decided = Vec::new();
    for command in commands {
        let one = world.submit(command).await;
        assert_eq!(one.entry.outcome.kind(), "applied");
        decided.push(one);
    }
    decided
}

/// Demo is in `staff`, which may read and update the invoices.
async fn staff() -> (World, Vec<Decided>) {
    let world = World::new().await;
    let (by, group, user) = (None, "staff".to_owned(), "demo".to_owned());
    let decided = all(
        &world,
        [
            /* 1 */ create_camunda_user("demo"),
            /* 2 */
            Command::CreateGroup {
                by: None,
                id: group.clone(),
                name: None,
                kind: None,
            },
            /* 3 */ authorize("z1", 1, (None, Some("staff")), "invoice"),
            /* 4 */ Command::AddGroupMember { by, group, user },
        ],
    )
    .await;
    (world, decided)
}

fn question(subject: &str, permission: &str, resource: &str) -> Value {
    json!({"subject": subject, "permission": permission, "resource": resource})
}

async fn check(client: &Client, question: &Value) -> Value {
    let answer = client.post("/v1/check", question).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

const READS: &str = "/v1/explain?subject=demo&permission=READ&resource=ProcessDefinition%2Finvoice";

/// The kinds of a way's steps, with the entries that made and ended them.
fn steps(way: &Value) -> Vec<(&str, u64, Option<u64>)> {
    let steps = way["steps"].as_array().unwrap().iter();
    steps
        .map(|step| {
            let at = |name: &str| step[name]["tenant_seq"].as_u64();
            (
                step["kind"].as_str().unwrap(),
                at("opened_by").unwrap(),
                at("closed_by"),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_group_gives_what_its_authorizations_say_and_a_revoke_forbids_it() {
    let (world, decided) = staff().await;
    let client = world.client("ledger:read");
    let asked = question("demo", "READ", "ProcessDefinition/invoice");
    let yes = check(&client, &asked).await;
    assert_eq!(
        (&yes["allowed"], &yes["realm"]),
        (&json!(true), &json!("camunda"))
    );
    assert_eq!(yes["via"], json!({"type": "group", "group": "staff"}));
    assert_eq!(yes["opened_by"]["tenant_seq"], 4);
    let by_number = question("demo", "READ", "6/invoice");
    assert_eq!(check(&client, &by_number).await["allowed"], true);
    for no in [
        question("demo", "DELETE", "ProcessDefinition/invoice"),
        question("demo", "READ", "ProcessDefinition/*"),
        question("demo", "READ", "ProcessDefinition"),
        question("demo", "READ", "DecisionDefinition/invoice"),
        question("demo", "FLY", "ProcessDefinition/invoice"),
        question("demo", "READ", "Nothing/invoice"),
        question("mary", "READ", "ProcessDefinition/invoice"),
    ] {
        assert_eq!(check(&client, &no).await["allowed"], false, "{no}");
    }

    let why = client.read(READS).await;
    assert_eq!(why.body["allowed"], true);
    assert_eq!(
        steps(&why.body["ways"][0]),
        [
            ("user", 1, None),
            ("group_member", 4, None),
            ("group", 2, None),
            ("grant_authorization", 3, None),
        ]
    );
    let step = &why.body["ways"][0]["steps"][3];
    assert_eq!(
        (
            &step["authorization"],
            &step["group"],
            &step["effect"],
            &step["resource"]
        ),
        (
            &json!("z1"),
            &json!("staff"),
            &json!("allow"),
            &json!("ProcessDefinition/invoice")
        )
    );

    // A revoke of the user's own comes before the group's grant.
    all(&world, [/* 5 */ revoke("z2", "demo", "*")]).await;
    assert_eq!(check(&client, &asked).await["allowed"], false);
    let why = client.read(READS).await;
    assert_eq!(why.body["allowed"], false);
    let forbidden = &why.body["forbidden"][0];
    assert_eq!(steps(forbidden), [("revoke_authorization", 5, None)]);
    assert_eq!(forbidden["steps"][0]["authorization"], "z2");
    assert_eq!(forbidden["steps"][0]["effect"], "deny");
    let lost = &why.body["lost"];
    assert_eq!(lost["closed_by"]["tenant_seq"], 5);
    assert_eq!(lost["ways"][0]["via"]["group"], "staff");
    assert_eq!(steps(&lost["ways"][0])[3], ("grant_authorization", 3, None));

    // Revokes that do not count forbid nothing.
    let revoke_mode = RevokeMode::Never;
    all(&world, [/* 6 */ Command::ConfigureCamunda { revoke_mode }]).await;
    assert_eq!(check(&client, &asked).await["allowed"], true);

    // Who leaves the group loses it, by that entry.
    let (by, group, user) = (None, "staff".to_owned(), "demo".to_owned());
    all(
        &world,
        [/* 7 */ Command::RemoveGroupMember { by, group, user }],
    )
    .await;
    let why = client.read(READS).await;
    assert_eq!(why.body["lost"]["closed_by"]["tenant_seq"], 7);
    assert_eq!(why.body["lost"]["closed_by"]["kind"], "RemoveGroupMember");
    assert_eq!(
        steps(&why.body["lost"]["ways"][0])[1],
        ("group_member", 4, Some(7))
    );
    assert_eq!(why.body.get("forbidden"), None);
    let past = format!("/v1/check?as_of={}", decided[3].revision);
    assert_eq!(client.post(&past, &asked).await.body["allowed"], true);
}

/// Realm, holder, permission, resource, effect, via.
fn line(grant: &Value) -> [String; 6] {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let via = ["role", "group", "type"];
    let via = via.iter().find_map(|name| grant["via"][name].as_str());
    [
        text(&grant["realm"]),
        text(&grant["subject"]["id"]),
        text(&grant["permission"]),
        text(&grant["resource"]),
        text(&grant["effect"]),
        via.unwrap().to_owned(),
    ]
}

async fn lines(client: &Client, query: &str) -> Vec<[String; 6]> {
    let answer = client.read(&format!("/v1/grants?{query}")).await;
    let grants = answer.body["grants"].as_array().unwrap();
    assert_eq!(answer.body["total"], grants.len());
    grants.iter().map(line).collect()
}

#[tokio::test]
async fn the_grants_of_a_subject_are_those_of_every_realm_and_of_who_is_the_same_person() {
    let (world, _) = staff().await;
    let everyone = authorize("z3", 0, (Some("*"), None), "*");
    let link = Command::LinkSubject {
        subject: subject(Realm::Auth0, "auth0|ann"),
        with: subject(Realm::Camunda, "demo"),
    };
    all(
        &world,
        [
            /* 5 */ create_api(&["read"]),
            /* 6 */ register_user("auth0|ann"),
            /* 7 */ grant_user("auth0|ann", &["read"]),
            /* 8 */ revoke("z2", "demo", "secret"),
            /* 9 */ everyone,
            /* 10 */ link,
        ],
    )
    .await;
    let client = world.client("ledger:read");
    let of = |parts: [&str; 6]| parts.map(str::to_owned);
    let (invoice, secret) = ("ProcessDefinition/invoice", "ProcessDefinition/secret");
    let everything = "ProcessDefinition/*";
    let of_camunda = [
        of(["camunda", "demo", "READ", invoice, "allow", "staff"]),
        of(["camunda", "demo", "UPDATE", invoice, "allow", "staff"]),
        of(["camunda", "demo", "READ", secret, "deny", "direct"]),
        of(["camunda", "demo", "UPDATE", secret, "deny", "direct"]),
        of(["camunda", "demo", "READ", everything, "allow", "everyone"]),
        of(["camunda", "demo", "UPDATE", everything, "allow", "everyone"]),
    ];
    let of_auth0 = of(["auth0", "auth0|ann", "read", API, "allow", "direct"]);
    let both: Vec<_> = [of_auth0.clone()]
        .into_iter()
        .chain(of_camunda.clone())
        .collect();
    // Rows on the user and the group themselves are the engine's doing.
    let own = |lines: Vec<[String; 6]>| -> Vec<[String; 6]> {
        let of_processes = |line: &[String; 6]| line[0] != "camunda" || line[3].contains("Process");
        lines.into_iter().filter(of_processes).collect()
    };
    let only = "subject=demo&realm=camunda&subject_realm=camunda";
    assert_eq!(own(lines(&client, only).await), of_camunda);
    assert_eq!(
        lines(&client, "subject=demo&realm=auth0").await,
        std::slice::from_ref(&of_auth0)
    );
    for named in [
        "subject=demo&subject_realm=camunda",
        "subject=auth0%7Cann&subject_realm=auth0",
    ] {
        assert_eq!(own(lines(&client, named).await), both, "{named}");
    }
    // Who is nobody in Camunda's realm is everyone there all the same.
    let mut with_everyone = both.clone();
    for (at, permission) in [(5, "READ"), (6, "UPDATE")] {
        let added = [
            "camunda",
            "auth0|ann",
            permission,
            everything,
            "allow",
            "everyone",
        ];
        with_everyone.insert(at, of(added));
    }
    assert_eq!(
        own(lines(&client, "subject=auth0%7Cann").await),
        with_everyone
    );
    let nobody: [[String; 6]; 0] = [];
    let native = "subject=demo&subject_realm=native";
    assert_eq!(own(lines(&client, native).await), nobody);
    let secrets = lines(
        &client,
        "subject=demo&resource=ProcessDefinition%2Fsecret&permission=READ",
    );
    assert_eq!(
        secrets.await,
        [of_camunda[2].clone(), of_camunda[4].clone()]
    );
    let who = lines(
        &client,
        "resource=ProcessDefinition%2Finvoice&permission=READ",
    )
    .await;
    assert_eq!(
        who,
        [
            of(["camunda", "staff", "READ", invoice, "allow", "direct"]),
            of_camunda[0].clone(),
            of(["camunda", "-", "READ", everything, "allow", "direct"]),
        ]
    );
    // Page by page, the same.
    let mut paged = Vec::new();
    let mut uri = "/v1/grants?subject=demo&limit=2".to_owned();
    loop {
        let page = client.read(&uri).await;
        paged.extend(page.body["grants"].as_array().unwrap().iter().map(line));
        let Some(next) = page.body["next"].as_str() else {
            break;
        };
        uri = format!("/v1/grants?subject=demo&limit=2&cursor={next}");
    }
    assert_eq!(own(paged), both);
}

#[tokio::test]
async fn who_is_the_same_person_is_answered_for_until_the_link_is_gone() {
    let (world, _) = staff().await;
    let ann = subject(Realm::Auth0, "auth0|ann");
    all(
        &world,
        [/* 5 */ Command::LinkSubject {
            subject: ann.clone(),
            with: subject(Realm::Camunda, "demo"),
        }],
    )
    .await;
    let client = world.client("ledger:read");
    let asked = question("auth0|ann", "UPDATE", "ProcessDefinition/invoice");
    let yes = check(&client, &asked).await;
    assert_eq!(yes["allowed"], true);
    assert_eq!(
        yes["linked"],
        json!({"realm": "camunda", "subject": "demo"})
    );
    assert_eq!(yes["via"], json!({"type": "group", "group": "staff"}));
    assert_eq!(yes["opened_by"]["tenant_seq"], 5);
    let in_auth0 = json!({
        "subject": "auth0|ann", "permission": "UPDATE", "resource": "ProcessDefinition/invoice",
        "realm": "auth0",
    });
    assert_eq!(check(&client, &in_auth0).await["allowed"], false);
    let uri = "/v1/explain?subject=auth0%7Cann&permission=UPDATE&resource=6%2Finvoice";
    let why = client.read(uri).await;
    assert_eq!(
        steps(&why.body["ways"][0])[..2],
        [("linked_subject", 5, None), ("linked_subject", 5, None)]
    );
    assert_eq!(why.body["ways"][0]["linked"]["subject"], "demo");
    assert_eq!(why.body["ways"][0]["steps"][0]["user"], "auth0|ann");
    assert_eq!(why.body["ways"][0]["steps"][1]["realm"], "camunda");

    all(&world, [/* 6 */ Command::UnlinkSubject { subject: ann }]).await;
    assert_eq!(check(&client, &asked).await["allowed"], false);
    let why = client.read(uri).await;
    assert_eq!(why.body["lost"]["closed_by"]["kind"], "UnlinkSubject");
    assert_eq!(
        steps(&why.body["lost"]["ways"][0])[0],
        ("linked_subject", 5, Some(6))
    );
}

#[expect(clippy::too_many_lines, reason = "one story, told to its end")]
#[tokio::test]
async fn a_role_of_nest_auth_gives_its_permissions_by_their_names_now() {
    let world = World::new().await;
    let realm = Realm::NestAuth;
    let rename = |name: &str| Command::UpdatePermission {
        realm,
        permission: "p1".to_owned(),
        name: Some(name.to_owned()),
        description: None,
        category: None,
    };
    all(
        &world,
        [
            /* 1 */
            Command::ConfigureNestAuth {
                guards: vec!["web".to_owned()],
            },
            /* 2 */
            Command::CreatePermission {
                realm,
                id: "p1".to_owned(),
                api: "web".to_owned(),
                name: "orders.read".to_owned(),
                description: None,
                category: None,
            },
            /* 3 */
            Command::CreateGuardedRole {
                realm,
                id: "r1".to_owned(),
                name: "editor".to_owned(),
                guard: "web".to_owned(),
                system: false,
                active: true,
                permissions: vec!["orders.read".to_owned()],
            },
            /* 4 */
            Command::AssignUserRoles {
                realm,
                user: "u1".to_owned(),
                roles: vec!["r1".to_owned()],
            },
            /* 5 */ rename("orders.view"),
        ],
    )
    .await;
    let client = world.client("ledger:read");
    let yes = check(&client, &question("u1", "orders.view", "web")).await;
    assert_eq!(
        (
            &yes["allowed"],
            &yes["via"],
            &yes["opened_by"]["tenant_seq"]
        ),
        (
            &json!(true),
            &json!({"type": "role", "role": "r1"}),
            &json!(4)
        )
    );
    assert_eq!(
        check(&client, &question("u1", "orders.read", "web")).await["allowed"],
        false
    );
    let uri = "/v1/explain?subject=u1&permission=orders.read&resource=web";
    let why = client.read(uri).await;
    let lost = &why.body["lost"];
    assert_eq!(lost["closed_by"]["kind"], "UpdatePermission");
    assert_eq!(steps(&lost["ways"][0])[4], ("permission", 2, Some(5)));
    // Nothing is taken for a pattern.
    all(
        &world,
        [
            create_role("r"),
            create_api(&["read"]),
            grant_role("r", &["read"]),
        ],
    )
    .await;
    for name in ["*", "orders.*"] {
        let no = check(&client, &question("u1", name, "web")).await;
        assert_eq!(no["allowed"], false);
    }
}
