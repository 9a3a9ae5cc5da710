//! What clients ask: commands of every realm, the same ones each time.

use writ_domain::{
    Command, PermissionRef, PermissionSpec, Realm, RevokeMode, Settings, SubjectRef, TenantId,
};

/// Clients; each asks one thing after the other.
pub(crate) const CLIENTS: usize = 4;

/// A client's ledger. Each of the two partitions has one.
pub(crate) fn tenant(client: usize) -> TenantId {
    let name = if client < 2 { "alpha" } else { "gamma" };
    TenantId::try_new(name).unwrap()
}

/// The `number`th thing that a client asks: of each four, the last repeats the third.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) client: usize,
    pub(crate) number: usize,
}

impl Ask {
    pub(crate) fn command(self) -> Command {
        let which = self.number / 4 * 3 + (self.number % 4).min(2);
        let commands = match self.client {
            0 => auth0,
            1 => camunda,
            2 => nestauth,
            _ => native,
        };
        let length = commands(0).len();
        commands(which / length).swap_remove(which % length)
    }

    /// Whether it is answered with what the one before it came to.
    pub(crate) fn repeats(self) -> bool {
        self.number % 4 == 3
    }

    /// The idempotency key of that which is repeated, and of the repeat.
    pub(crate) fn key(self) -> Option<String> {
        let (client, four) = (self.client, self.number / 4);
        (self.number % 4 >= 2).then(|| format!("{client}-{four}"))
    }
}

fn permission(api: &str, name: &str) -> PermissionRef {
    PermissionRef {
        api: api.to_owned(),
        name: name.to_owned(),
    }
}

fn specs(names: &[&str]) -> Vec<PermissionSpec> {
    let spec = |name: &&str| PermissionSpec {
        name: (*name).to_owned(),
        description: None,
    };
    names.iter().map(spec).collect()
}

fn auth0(round: usize) -> Vec<Command> {
    let realm = Realm::Auth0;
    let (api, role) = (format!("https://api/{round}"), format!("rol_{round}"));
    let user = format!("auth0|{round}");
    vec![
        Command::CreateApi {
            realm,
            id: format!("api{round}"),
            identifier: api.clone(),
            name: None,
            settings: Settings::new(),
            permissions: Some(specs(&["read", "write", "own"])),
        },
        Command::CreateRole {
            realm,
            name: role.clone(),
            id: role.clone(),
            description: Some("who reads".to_owned()),
        },
        Command::GrantRolePermissions {
            realm,
            role: role.clone(),
            permissions: vec![permission(&api, "read"), permission(&api, "own")],
        },
        Command::RegisterUser {
            realm,
            id: user.clone(),
            profile: Settings::new(),
        },
        Command::AssignUserRoles {
            realm,
            user: user.clone(),
            roles: vec![role.clone()],
        },
        Command::ReplaceApiPermissions {
            realm,
            api: api.clone(),
            permissions: specs(&["read", "erase"]),
        },
        Command::RevokeRolePermissions {
            realm,
            role: role.clone(),
            permissions: vec![permission(&api, "read")],
        },
        Command::GrantUserPermissions {
            realm,
            user,
            permissions: vec![permission(&api, "erase")],
        },
        Command::DeleteRole { realm, role },
    ]
}

fn camunda(round: usize) -> Vec<Command> {
    let (by, user, group) = (None, format!("user{round}"), format!("group{round}"));
    let authorization = format!("auth{round}");
    vec![
        Command::CreateCamundaUser {
            by: by.clone(),
            id: user.clone(),
            profile: Settings::new(),
            password_hash: None,
        },
        Command::CreateGroup {
            by: by.clone(),
            id: group.clone(),
            name: Some("those".to_owned()),
            kind: None,
        },
        Command::AddGroupMember {
            by: by.clone(),
            group: group.clone(),
            user: user.clone(),
        },
        Command::CreateAuthorization {
            by: by.clone(),
            id: authorization.clone(),
            kind: 1,
            user: None,
            group: Some(group.clone()),
            resource_type: Some(6),
            resource_id: Some("*".to_owned()),
            permissions: Some(vec!["READ".to_owned()]),
        },
        Command::UpdateAuthorization {
            by: by.clone(),
            authorization: authorization.clone(),
            user: None,
            group: Some(group.clone()),
            resource_type: None,
            resource_id: Some(format!("process{round}")),
            permissions: Some(vec!["READ".to_owned(), "UPDATE".to_owned()]),
        },
        Command::RemoveGroupMember {
            by: by.clone(),
            group: group.clone(),
            user,
        },
        Command::ConfigureCamunda {
            revoke_mode: RevokeMode::Always,
        },
        Command::DeleteGroup {
            by: by.clone(),
            group,
        },
        Command::DeleteAuthorization { by, authorization },
    ]
}

fn nestauth(round: usize) -> Vec<Command> {
    let realm = Realm::NestAuth;
    let (permission, role) = (format!("per{round}"), format!("gro{round}"));
    let guard = "web".to_owned();
    let create = |id: &str, name: &str| Command::CreatePermission {
        realm,
        id: id.to_owned(),
        api: guard.clone(),
        name: format!("{name}.{round}"),
        description: None,
        category: Some("files".to_owned()),
    };
    // Whether the new name is free must be loaded after the permission is.
    let rename = |name: &str| Command::UpdatePermission {
        realm,
        permission: permission.clone(),
        name: Some(format!("{name}.{round}")),
        description: None,
        category: None,
    };
    vec![
        Command::ConfigureNestAuth {
            guards: vec![guard.clone(), format!("api{round}")],
        },
        create(&permission, "files"),
        rename("docs"),
        Command::CreateGuardedRole {
            realm,
            id: role.clone(),
            name: role.clone(),
            guard: guard.clone(),
            system: false,
            active: true,
            permissions: vec![format!("docs.{round}")],
        },
        Command::UpdateGuardedRole {
            realm,
            role: role.clone(),
            name: None,
            active: Some(false),
            permissions: None,
        },
        rename("papers"),
        Command::AssignUserRoles {
            realm,
            user: format!("u{round}"),
            roles: vec![role],
        },
        Command::Batch(vec![
            create("gone", "gone"),
            Command::DeletePermission {
                realm,
                permission: "gone".to_owned(),
            },
        ]),
        rename("last"),
    ]
}

fn native(round: usize) -> Vec<Command> {
    let realm = Realm::Native;
    let (api, role, user) = (
        format!("res{round}"),
        format!("r{round}"),
        format!("n{round}"),
    );
    let subject = |realm, id: &str| SubjectRef {
        realm,
        id: id.to_owned(),
    };
    vec![
        Command::Batch(vec![
            Command::CreateApi {
                realm,
                id: api.clone(),
                identifier: api.clone(),
                name: Some("a resource".to_owned()),
                settings: Settings::new(),
                permissions: Some(specs(&["see"])),
            },
            Command::CreateRole {
                realm,
                id: role.clone(),
                name: role.clone(),
                description: None,
            },
            Command::GrantRolePermissions {
                realm,
                role: role.clone(),
                permissions: vec![permission(&api, "see")],
            },
        ]),
        Command::RegisterUser {
            realm,
            id: user.clone(),
            profile: Settings::new(),
        },
        Command::LinkSubject {
            subject: subject(realm, &user),
            with: subject(Realm::NestAuth, &format!("u{round}")),
        },
        Command::AssignRoleUsers {
            realm,
            role: role.clone(),
            users: vec![user.clone()],
        },
        // Of the edges that it takes along nothing is written.
        Command::DeleteApi {
            realm,
            api: api.clone(),
        },
        Command::UnlinkSubject {
            subject: subject(realm, &user),
        },
        Command::DeleteRole { realm, role },
    ]
}
