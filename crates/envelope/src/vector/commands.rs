//! A command of every kind.

use writ_domain::{Command, Denial, JsonText, PermissionRef, PermissionSpec, Realm, Settings};

use super::{api, nestauth, odd, role_ref, stamps};

pub(super) fn all() -> Vec<(&'static str, Command)> {
    let mut all = named();
    all.extend([
        (
            "CreateApi-bare",
            Command::CreateApi {
                realm: Realm::Native,
                id: "api_1".to_owned(),
                identifier: "invoices".to_owned(),
                name: None,
                settings: Settings::new(),
                permissions: None,
            },
        ),
        (
            "CreateApi-empty-list",
            Command::CreateApi {
                realm: Realm::Native,
                id: String::new(),
                identifier: String::new(),
                name: Some(String::new()),
                settings: Settings::new(),
                permissions: Some(Vec::new()),
            },
        ),
        (
            "CreateRole-odd-text",
            Command::CreateRole {
                realm: Realm::Native,
                id: odd(),
                name: odd(),
                description: Some(odd()),
            },
        ),
        (
            "Batch-in-batch",
            Command::Batch(vec![Command::Batch(Vec::new())]),
        ),
    ]);
    all.extend(nestauth::commands());
    all
}

fn named() -> Vec<(&'static str, Command)> {
    let commands = apis()
        .into_iter()
        .chain(roles())
        .chain(users())
        .chain(others())
        .chain(super::camunda::commands());
    commands.map(|command| (command.kind(), command)).collect()
}

fn apis() -> Vec<Command> {
    let realm = Realm::Auth0;
    vec![
        Command::CreateApi {
            realm,
            id: "6501a2b3c4d5e6f708192a3b".to_owned(),
            identifier: api(),
            name: Some("Example".to_owned()),
            settings: [
                ("signing_alg".to_owned(), JsonText("\"RS256\"".to_owned())),
                ("token_lifetime".to_owned(), JsonText("86400".to_owned())),
            ]
            .into(),
            permissions: Some(specs()),
        },
        Command::UpdateApi {
            realm,
            api: api(),
            name: Some("Renamed".to_owned()),
            settings: vec![
                (
                    "token_lifetime".to_owned(),
                    Some(JsonText(" 3600 ".to_owned())),
                ),
                ("signing_alg".to_owned(), None),
            ],
        },
        Command::ReplaceApiPermissions {
            realm,
            api: api(),
            permissions: specs(),
        },
        Command::DeleteApi { realm, api: api() },
    ]
}

fn roles() -> Vec<Command> {
    let (realm, role) = (Realm::Auth0, || "rol_1".to_owned());
    vec![
        Command::CreateRole {
            realm,
            id: role(),
            name: "Editor".to_owned(),
            description: Some("Edits".to_owned()),
        },
        Command::UpdateRole {
            realm,
            role: role(),
            name: Some("Author".to_owned()),
            description: None,
        },
        Command::DeleteRole {
            realm,
            role: role(),
        },
        Command::GrantRolePermissions {
            realm,
            role: role(),
            permissions: permissions(),
        },
        Command::RevokeRolePermissions {
            realm,
            role: role(),
            permissions: permissions(),
        },
        Command::AssignRoleUsers {
            realm,
            role: role(),
            users: vec!["auth0|1".to_owned(), "auth0|2".to_owned()],
        },
    ]
}

fn users() -> Vec<Command> {
    let (realm, user) = (Realm::Auth0, || "auth0|1".to_owned());
    let roles = || vec!["rol_1".to_owned(), "rol_2".to_owned()];
    vec![
        Command::RegisterUser {
            realm,
            id: user(),
            profile: [(
                "email".to_owned(),
                JsonText("\"ann@example.com\"".to_owned()),
            )]
            .into(),
        },
        Command::UpdateUser {
            realm,
            user: user(),
            profile: vec![("nickname".to_owned(), Some(JsonText("\"Ann\"".to_owned())))],
        },
        Command::DeleteUser {
            realm,
            user: user(),
        },
        Command::GrantUserPermissions {
            realm,
            user: user(),
            permissions: permissions(),
        },
        Command::RevokeUserPermissions {
            realm,
            user: user(),
            permissions: permissions(),
        },
        Command::AssignUserRoles {
            realm,
            user: user(),
            roles: roles(),
        },
        Command::UnassignUserRoles {
            realm,
            user: user(),
            roles: roles(),
        },
    ]
}

fn others() -> Vec<Command> {
    vec![
        Command::Batch(vec![
            Command::DeleteRole {
                realm: Realm::Native,
                role: "rol_1".to_owned(),
            },
            Command::DeleteUser {
                realm: Realm::Native,
                user: "ann".to_owned(),
            },
        ]),
        Command::CancelCommand {
            command: stamps::id(7),
        },
        Command::RecordDenial {
            operation: "DeleteRole".to_owned(),
            target: Some(role_ref()),
            denial: Denial::InsufficientScope {
                required: vec!["delete:roles".to_owned()],
            },
            count: 3,
        },
    ]
}

fn specs() -> Vec<PermissionSpec> {
    let spec = |name: &str, description: Option<&str>| PermissionSpec {
        name: name.to_owned(),
        description: description.map(str::to_owned),
    };
    vec![
        spec("read:a", Some("Reads")),
        spec("write:a", Some("")),
        spec("drop:a", None),
    ]
}

fn permissions() -> Vec<PermissionRef> {
    let permission = |name: &str| PermissionRef {
        api: api(),
        name: name.to_owned(),
    };
    vec![permission("read:a"), permission("write:a")]
}
