//! A fact of every kind.

use writ_domain::{
    ApiName, Fact, JsonText, NamespaceKey, PermissionKey, PermissionName, Realm, RoleKey, RoleName,
    Settings, TenantSeq, UserKey, UserName,
};

use super::{api, nestauth, odd, stamps};

pub(super) fn all() -> Vec<(&'static str, Fact)> {
    let facts = apis()
        .into_iter()
        .chain(permissions())
        .chain(roles())
        .chain(users());
    let facts = facts.chain(super::camunda::facts());
    let facts = facts.chain(edges()).chain([Fact::CommandCancelled {
        command: stamps::id(7),
    }]);
    let mut all: Vec<_> = facts.map(|fact| (fact.kind(), fact)).collect();
    all.extend([
        (
            "ApiSettingChanged-set-first",
            Fact::ApiSettingChanged {
                api: api_name(),
                setting: odd(),
                before: None,
                after: Some(JsonText("{\"a\": [1.0, null]}".to_owned())),
            },
        ),
        (
            "PermissionDescribed-absent-and-empty",
            Fact::PermissionDescribed {
                permission: permission_name(),
                before: None,
                after: Some(String::new()),
            },
        ),
        (
            "UserRegistered-bare",
            Fact::UserRegistered {
                key: UserKey::from_stored(0),
                realm: Realm::Native,
                id: String::new(),
                profile: Settings::new(),
            },
        ),
    ]);
    all.extend(nestauth::facts());
    all
}

fn apis() -> Vec<Fact> {
    let api = api_name;
    vec![
        Fact::ApiCreated {
            key: api().key,
            realm: Realm::Auth0,
            id: "6501a2b3c4d5e6f708192a3b".to_owned(),
            identifier: api().identifier,
            name: Some("Example".to_owned()),
            settings: [("token_lifetime".to_owned(), JsonText("86400".to_owned()))].into(),
        },
        Fact::ApiRenamed {
            api: api(),
            before: Some("Example".to_owned()),
            after: Some("Renamed".to_owned()),
        },
        Fact::ApiSettingChanged {
            api: api(),
            setting: "token_lifetime".to_owned(),
            before: Some(JsonText("86400".to_owned())),
            after: None,
        },
        Fact::ApiPermissionsDeclared { api: api() },
        Fact::ApiPermissionsReordered {
            api: api(),
            before: vec![PermissionKey::from_stored(1), PermissionKey::from_stored(2)],
            after: vec![PermissionKey::from_stored(2), PermissionKey::from_stored(1)],
        },
        Fact::ApiDeleted {
            api: api(),
            id: "6501a2b3c4d5e6f708192a3b".to_owned(),
            name: Some("Example".to_owned()),
        },
    ]
}

fn permissions() -> Vec<Fact> {
    let (permission, namespace) = (permission_name, api_name().key);
    vec![
        Fact::PermissionDefined {
            permission: permission(),
            namespace,
            description: Some("Reads".to_owned()),
            ordinal: 0,
            category: None,
        },
        Fact::PermissionDescribed {
            permission: permission(),
            before: Some("Reads".to_owned()),
            after: Some("Reads all".to_owned()),
        },
        Fact::PermissionRemoved {
            permission: permission(),
            namespace,
            description: None,
            category: None,
        },
    ]
}

fn roles() -> Vec<Fact> {
    let role = role_name;
    let (editor, author) = (|| "Editor".to_owned(), || "Author".to_owned());
    vec![
        Fact::RoleCreated {
            key: role().key,
            realm: Realm::Auth0,
            id: role().id,
            name: editor(),
            description: None,
            guarded: None,
        },
        Fact::RoleRenamed {
            role: role(),
            before: editor(),
            after: author(),
        },
        Fact::RoleDescribed {
            role: role(),
            before: Some("Edits".to_owned()),
            after: None,
        },
        Fact::RoleDeleted {
            role: role(),
            name: author(),
            description: Some(String::new()),
            guarded: None,
        },
    ]
}

fn users() -> Vec<Fact> {
    let (user, email) = (user_name, || JsonText("\"ann@example.com\"".to_owned()));
    let profile = || Settings::from([("email".to_owned(), email())]);
    vec![
        Fact::UserRegistered {
            key: user().key,
            realm: Realm::Auth0,
            id: user().id,
            profile: profile(),
        },
        Fact::UserProfileChanged {
            user: user(),
            field: "email".to_owned(),
            before: Some(email()),
            after: Some(JsonText("null".to_owned())),
        },
        Fact::UserDeleted {
            user: user(),
            profile: profile(),
        },
    ]
}

fn edges() -> Vec<Fact> {
    let (role, user, permission) = (role_name, user_name, permission_name);
    let (granted_at, assigned_at) = (TenantSeq(1), TenantSeq(1));
    vec![
        Fact::RolePermissionGranted {
            role: role(),
            permission: permission(),
        },
        Fact::RolePermissionRevoked {
            role: role(),
            permission: permission(),
            granted_at,
        },
        Fact::UserPermissionGranted {
            user: user(),
            permission: permission(),
        },
        Fact::UserPermissionRevoked {
            user: user(),
            permission: permission(),
            granted_at,
        },
        Fact::UserRoleAssigned {
            user: user(),
            role: role(),
        },
        Fact::UserRoleUnassigned {
            user: user(),
            role: role(),
            assigned_at,
        },
    ]
}

fn api_name() -> ApiName {
    ApiName {
        key: NamespaceKey::from_stored(1 << 20),
        realm: Realm::Auth0,
        identifier: api(),
    }
}

fn permission_name() -> PermissionName {
    PermissionName {
        key: PermissionKey::from_stored((1 << 20) + 1),
        realm: Realm::Auth0,
        api: api(),
        name: "read:a".to_owned(),
        id: None,
    }
}

fn role_name() -> RoleName {
    RoleName {
        key: RoleKey::from_stored(2 << 20),
        realm: Realm::Auth0,
        id: "rol_1".to_owned(),
    }
}

fn user_name() -> UserName {
    let key = UserKey::from_stored(9_223_372_036_854_775_807);
    UserName {
        key,
        realm: Realm::Auth0,
        id: "auth0|1".to_owned(),
    }
}
