//! Guards, permissions with ids, roles in guards, external users and admins.

use crate::testing::nestauth::{
    configure, create_admin, create_permission, create_role, delete_permission, rename_permission,
    update_permission, update_role,
};
use crate::testing::{Given, Then, Words, auth0, batch, given, native};
use crate::{
    Command, Expected, Fact, JsonText, Limited, PermissionRef, Realm, Rejection, State, TenantSeq,
    TextProblem,
};

fn nestauth() -> Words {
    Words(Realm::NestAuth)
}

/// Guards `web` and `api`; `p1` is `x` on web, `p2` is `y` on web, `p3` is `x` on api.
fn shop() -> Given {
    given([])
        .when(configure(&["web", "api"]))
        .then_applied()
        .when(batch([
            create_permission("p1", ("web", "x")),
            create_permission("p2", ("web", "y")),
            create_permission("p3", ("api", "x")),
        ]))
        .then_applied()
}

/// The shop with a role `r` on web that holds `x` and `y`.
fn staffed() -> Given {
    let role = create_role("r", ("web", "clerk"), &["x", "y"]);
    shop().when(role).then_applied()
}

trait Told {
    fn told(self, kinds: &[&str]) -> Given;
}

impl Told for Then {
    /// Facts of just these kinds happened.
    fn told(self, kinds: &[&str]) -> Given {
        let facts = &self.entry.settled.facts;
        let told: Vec<&str> = facts.iter().map(Fact::kind).collect();
        assert_eq!(told, kinds);
        self.then_applied()
    }
}

#[test]
fn guards_are_what_was_configured_last() {
    let guards = given([])
        .when(configure(&["web", "api", "web"]))
        .told(&["ApiCreated", "ApiCreated"])
        .when(configure(&["web", "api"]))
        .then_unchanged();
    let then = guards.when(configure(&["api"]));
    let facts = then.entry.settled.facts.clone();
    let text = |text: &str| Some(JsonText(text.to_owned()));
    let changed: Vec<_> = facts
        .iter()
        .map(|fact| match fact {
            Fact::ApiSettingChanged {
                api, before, after, ..
            } => (api.identifier.as_str(), before.clone(), after.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        changed,
        [("api", text("1"), text("0")), ("web", text("0"), None)]
    );
    let no_guard = |api: &str| Rejection::NoSuchApi {
        api: api.to_owned(),
    };
    then.then_applied()
        .when(create_permission("p", ("web", "x")))
        .then_rejected(no_guard("web"))
        .when(create_role("r", ("mobile", "r"), &[]))
        .then_rejected(no_guard("mobile"))
        .when(configure(&["web"]))
        .then_applied()
        .when(create_permission("p", ("web", "x")))
        .told(&["PermissionDefined"]);
}

#[test]
fn there_are_at_most_100_guards() {
    let names: Vec<String> = (0..101).map(|n| format!("g{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (what, limit) = (Limited::Apis, 100);
    given([])
        .when(configure(&names[..100]))
        .then_applied()
        .when(configure(&names[100..]))
        .then_rejected(Rejection::TooMany { what, limit });
}

#[test]
fn what_a_guard_held_outlives_its_configuration() {
    staffed()
        .when(configure(&["api"]))
        .then_applied()
        .when(rename_permission("p1", "z"))
        .told(&["PermissionRenamed"])
        .when(update_role("r", None, None, Some(&["z"])))
        .told(&["RolePermissionRevoked", "RoleSaved"])
        .with_edges(1);
}

#[test]
fn a_name_is_taken_in_its_guard_alone() {
    let exists = |api: &str, name: &str| Rejection::PermissionExists {
        api: api.to_owned(),
        name: name.to_owned(),
    };
    shop()
        .when(create_permission("p4", ("web", "x")))
        .then_rejected(exists("web", "x"))
        .when(create_permission("p4", ("web", "X")))
        .told(&["PermissionDefined"])
        .when(create_permission("p1", ("web", "new")))
        .then_rejected(exists("web", "p1"))
        .when(rename_permission("p1", "y"))
        .then_rejected(exists("web", "y"))
        .when(rename_permission("p3", "y"))
        .told(&["PermissionRenamed"])
        .when(create_permission("p5", ("web", "")))
        .told(&["PermissionDefined"]);
}

#[test]
fn a_renamed_permission_is_the_same_one() {
    let then = staffed().when(rename_permission("p1", "z"));
    let [Fact::PermissionRenamed { permission, after }] = then.entry.settled.facts.as_slice()
    else {
        panic!("{:?}", then.entry.settled.facts);
    };
    assert_eq!((permission.name.as_str(), after.as_str()), ("x", "z"));
    assert_eq!(permission.id.as_deref(), Some("p1"));
    then.then_applied()
        .with_edges(2)
        .when(update_role("r", None, None, Some(&["x"])))
        .then_rejected(Rejection::NoSuchPermissions {
            api: "web".to_owned(),
            names: vec!["x".to_owned()],
        })
        .when(update_role("r", None, None, Some(&["z", "y"])))
        .told(&["RoleSaved"])
        .when(delete_permission("p1"))
        .told(&["PermissionRemoved"])
        .with_edges(1);
}

#[test]
fn names_may_be_swapped_within_a_batch() {
    staffed()
        .when(batch([
            rename_permission("p1", "tmp"),
            rename_permission("p2", "x"),
            rename_permission("p1", "y"),
        ]))
        .told(&[
            "PermissionRenamed",
            "PermissionRenamed",
            "PermissionRenamed",
        ])
        .with_edges(2)
        .when(delete_permission("p2"))
        .then_applied()
        .when(update_role("r", None, None, Some(&["y"])))
        .told(&["RoleSaved"]);
}

#[test]
fn a_permission_that_stays_as_it_is_is_unchanged() {
    shop()
        .when(update_permission("p1", None, None, None))
        .then_unchanged()
        .when(update_permission("p1", Some("x"), Some(""), Some("")))
        .then_unchanged()
        .when(update_permission("p1", None, Some("d"), Some("c")))
        .told(&["PermissionDescribed", "PermissionCategorized"])
        .when(update_permission("p1", Some("x"), Some("d"), Some("c")))
        .then_unchanged()
        .when(update_permission("p1", None, Some(""), None))
        .told(&["PermissionDescribed"]);
}

#[test]
fn what_is_not_there_comes_before_what_is_wrong() {
    let unknown = |id: &str| Rejection::NoSuchPermissionId {
        permission: id.to_owned(),
    };
    let (field, problem) = ("name".to_owned(), TextProblem::Empty);
    shop()
        .when(rename_permission("p9", ""))
        .then_rejected(unknown("p9"))
        .when(rename_permission("p1", ""))
        .then_rejected(Rejection::BadText { field, problem })
        .when(delete_permission("p9"))
        .then_rejected(unknown("p9"))
        .when(delete_permission("p1"))
        .told(&["PermissionRemoved"])
        .when(delete_permission("p1"))
        .then_rejected(unknown("p1"))
        .when(create_permission("p1", ("web", "x")))
        .told(&["PermissionDefined"]);
}

#[test]
fn a_stale_belief_about_a_permission_is_rejected() {
    let asked = |seq| {
        crate::testing::Asked::new(rename_permission("p1", "z"))
            .expecting(Expected::UnchangedSince(TenantSeq(seq)))
    };
    let changed_at = TenantSeq(3);
    shop()
        .when(update_permission("p1", None, Some("d"), None))
        .then_applied()
        .when(asked(2))
        .then_rejected(Rejection::Stale { changed_at })
        .when(update_permission("p2", None, Some("d"), None))
        .then_applied()
        .when(asked(3))
        .told(&["PermissionRenamed"]);
}

#[test]
fn a_role_holds_permissions_of_its_guard() {
    let missing = |names: &[&str]| Rejection::NoSuchPermissions {
        api: "api".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let of_web = PermissionRef {
        api: "web".to_owned(),
        name: "y".to_owned(),
    };
    shop()
        .when(create_role("r", ("api", "clerk"), &["y", "x", "q", "y"]))
        .then_rejected(missing(&["y", "q"]))
        .when(create_role("r", ("api", "clerk"), &["x", "x"]))
        .told(&["RoleCreated", "RolePermissionGranted"])
        .when(nestauth().grant("r", &[("web", "y")]))
        .then_rejected(Rejection::NoSuchPermission {
            api: of_web.api,
            name: of_web.name,
        })
        .when(update_role("r", None, None, Some(&[])))
        .told(&["RolePermissionRevoked", "RoleSaved"])
        .when(nestauth().grant("r", &[("api", "x")]))
        .told(&["RolePermissionGranted"]);
}

#[test]
fn a_role_has_its_name_for_itself_in_its_guard() {
    let exists = |name: &str| Rejection::RoleExists {
        name: name.to_owned(),
    };
    staffed()
        .when(create_role("s", ("web", "clerk"), &[]))
        .then_rejected(exists("clerk"))
        .when(create_role("r", ("web", "other"), &[]))
        .then_rejected(exists("r"))
        .when(create_role("s", ("api", "clerk"), &[]))
        .told(&["RoleCreated"])
        .when(create_role("t", ("web", "boss"), &[]))
        .told(&["RoleCreated"])
        .when(update_role("t", Some("clerk"), None, None))
        .then_rejected(exists("clerk"))
        .when(update_role("r", Some("teller"), None, None))
        .told(&["RoleRenamed"])
        .when(update_role("t", Some("clerk"), None, None))
        .told(&["RoleRenamed"])
        .when(nestauth().delete_role("r"))
        .told(&["RoleDeleted"])
        .when(create_role("r", ("web", "teller"), &[]))
        .told(&["RoleCreated"]);
}

#[test]
fn saving_a_role_as_it_is_is_a_change_of_when_it_was_saved() {
    staffed()
        .when(update_role("r", Some("clerk"), Some(true), None))
        .told(&["RoleSaved"])
        .when(update_role("r", None, None, Some(&["y", "x"])))
        .told(&["RoleSaved"])
        .when(update_role("r", None, Some(false), None))
        .told(&["RoleDeactivated"])
        .when(update_role("r", None, Some(true), Some(&["x"])))
        .told(&["RoleActivated", "RolePermissionRevoked"])
        .when(update_role("r", None, None, None))
        .then_unchanged()
        .when(update_role("q", Some("x"), None, None))
        .then_rejected(Rejection::NoSuchRole {
            role: "q".to_owned(),
        });
}

#[test]
fn whoever_is_given_a_role_is_known() {
    let w = nestauth();
    staffed()
        .when(w.assign("ann", &[]))
        .then_unchanged()
        .when(w.assign("ann", &["r"]))
        .told(&["UserRegistered", "UserRoleAssigned"])
        .when(w.assign("ann", &["r"]))
        .then_unchanged()
        .when(w.assign("bob", &["nobody"]))
        .then_rejected(Rejection::NoSuchRole {
            role: "nobody".to_owned(),
        })
        .when(w.unassign("bob", &["r"]))
        .then_unchanged()
        .when(w.unassign("ann", &["r"]))
        .told(&["UserRoleUnassigned"])
        .when(w.grant_user("ann", &[("web", "x")]))
        .then_rejected(Rejection::NotInRealm { realm: w.0 });
}

#[test]
fn a_realm_has_its_own_commands() {
    let not_in = |realm| Rejection::NotInRealm { realm };
    let realm = Realm::NestAuth;
    let mut shop = shop();
    for command in [
        nestauth().create_api("a", "a"),
        nestauth().replace("web", &[]),
        nestauth().delete_api("web"),
        nestauth().create_role("r", "r"),
        nestauth().update_role("r", Some("r"), None),
    ] {
        shop = shop.when(command).then_rejected(not_in(realm));
    }
    for w in [auth0(), native()] {
        let (realm, permission) = (w.0, "p1".to_owned());
        let delete = Command::DeletePermission { realm, permission };
        shop = shop.when(delete).then_rejected(not_in(realm));
    }
}

#[test]
fn a_first_admin_is_the_first_one() {
    let exists = |email: &str| Rejection::AdminExists {
        email: email.to_owned(),
    };
    given([])
        .when(create_admin("a1", "a@example.com", true))
        .told(&["AdminCreated"])
        .when(create_admin("a2", "b@example.com", true))
        .then_rejected(Rejection::NotFirstAdmin)
        .when(create_admin("a2", "a@example.com", false))
        .then_rejected(exists("a@example.com"))
        .when(create_admin("a1", "b@example.com", false))
        .then_rejected(exists("a1"))
        .when(create_admin("a2", "b@example.com", false))
        .told(&["AdminCreated"]);
}

#[test]
fn an_admin_s_sessions_end_and_one_admin_stays() {
    let (a1, a2) = ("a1".to_owned(), "a2".to_owned());
    let end = |admin: &str| Command::EndAdminSessions {
        admin: admin.to_owned(),
    };
    let change = |password: &str| Command::ChangeAdminPassword {
        admin: "a1".to_owned(),
        password: password.to_owned(),
    };
    let delete = |admin: &String| Command::DeleteAdmin {
        admin: admin.clone(),
    };
    given([])
        .when(create_admin("a1", "a@example.com", true))
        .then_applied()
        .when(end("a1"))
        .told(&["AdminSessionsEnded"])
        .when(end("a1"))
        .told(&["AdminSessionsEnded"])
        .when(change("hash"))
        .then_unchanged()
        .when(change("new"))
        .told(&["AdminPasswordChanged"])
        .when(delete(&a1))
        .then_rejected(Rejection::LastAdmin)
        .when(create_admin("a2", "b@example.com", false))
        .then_applied()
        .when(delete(&a1))
        .told(&["AdminDeleted"])
        .when(end("a1"))
        .then_rejected(Rejection::NoSuchAdmin { admin: a1 })
        .when(delete(&a2))
        .then_rejected(Rejection::LastAdmin);
}

#[test]
fn a_role_s_permissions_are_asked_for_at_once() {
    let names: Vec<String> = (0..30).map(|n| format!("n{n}")).collect();
    let permissions = names
        .iter()
        .map(|name| create_permission(name, ("web", name)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let given = staffed().when(batch(permissions)).then_applied();
    let asked = crate::testing::Asked::new(update_role("r", None, None, Some(&names))).record();
    let state: State = given.learned(&asked.submission);
    match crate::decide(&state, &asked.submission, TenantSeq(99)) {
        crate::Decision::Need(keys) => assert_eq!(keys.len(), 30, "{keys:?}"),
        other => panic!("{other:?}"),
    }
}
