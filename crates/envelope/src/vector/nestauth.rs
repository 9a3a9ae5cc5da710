//! Commands, facts and rejections of Nest Auth's realm, and of links.

use writ_domain::{
    AdminKey, AdminName, Command, Fact, Guarded, JsonText, LinkKey, LinkedSubjectKey, NamespaceKey,
    PermissionKey, PermissionName, Realm, Rejection, RoleKey, RoleName, Settings, SubjectRef,
    TenantSeq,
};

use super::odd;

const REALM: Realm = Realm::NestAuth;
const ID: &str = "6f0d3b1c-8a52-4f4e-9b7e-2f3d5a1c9e10";

pub(super) fn commands() -> Vec<(&'static str, Command)> {
    let named = permission_commands()
        .into_iter()
        .chain(role_commands())
        .chain(admin_commands())
        .chain(link_commands());
    let mut all: Vec<_> = named.map(|command| (command.kind(), command)).collect();
    all.push((
        "UpdateGuardedRole-bare",
        Command::UpdateGuardedRole {
            realm: REALM,
            role: odd(),
            name: None,
            active: None,
            permissions: None,
        },
    ));
    all
}

fn permission_commands() -> Vec<Command> {
    vec![
        Command::ConfigureNestAuth {
            guards: vec!["web".to_owned(), "api".to_owned()],
        },
        Command::CreatePermission {
            realm: REALM,
            id: ID.to_owned(),
            api: "web".to_owned(),
            name: "users.create".to_owned(),
            description: Some("Makes accounts".to_owned()),
            category: None,
        },
        Command::UpdatePermission {
            realm: REALM,
            permission: ID.to_owned(),
            name: Some("users.add".to_owned()),
            description: Some(String::new()),
            category: None,
        },
        Command::DeletePermission {
            realm: REALM,
            permission: ID.to_owned(),
        },
    ]
}

fn role_commands() -> Vec<Command> {
    vec![
        Command::CreateGuardedRole {
            realm: REALM,
            id: ID.to_owned(),
            name: "editor".to_owned(),
            guard: "web".to_owned(),
            system: false,
            active: true,
            permissions: vec!["users.create".to_owned()],
        },
        Command::UpdateGuardedRole {
            realm: REALM,
            role: ID.to_owned(),
            name: Some("author".to_owned()),
            active: Some(false),
            permissions: Some(Vec::new()),
        },
    ]
}

fn admin_commands() -> Vec<Command> {
    let admin = || ID.to_owned();
    vec![
        Command::CreateAdmin {
            id: admin(),
            email: "ops@example.com".to_owned(),
            name: Some("Ops".to_owned()),
            password: hash(),
            metadata: [("team".to_owned(), JsonText("\"a\"".to_owned()))].into(),
            first: true,
        },
        Command::ChangeAdminPassword {
            admin: admin(),
            password: hash(),
        },
        Command::EndAdminSessions { admin: admin() },
        Command::DeleteAdmin { admin: admin() },
    ]
}

fn link_commands() -> Vec<Command> {
    vec![
        Command::LinkSubject {
            subject: subject(),
            with: SubjectRef {
                realm: REALM,
                id: "7".to_owned(),
            },
        },
        Command::UnlinkSubject { subject: subject() },
    ]
}

pub(super) fn facts() -> Vec<(&'static str, Fact)> {
    let named = permission_facts()
        .into_iter()
        .chain(role_facts())
        .chain(admin_facts())
        .chain(link_facts());
    let mut all: Vec<_> = named.map(|fact| (fact.kind(), fact)).collect();
    all.extend([
        (
            "PermissionDefined-identified",
            Fact::PermissionDefined {
                permission: permission_name(),
                namespace: NamespaceKey::from_stored(1 << 20),
                description: None,
                ordinal: 0,
                category: Some("users".to_owned()),
            },
        ),
        (
            "PermissionRemoved-identified",
            Fact::PermissionRemoved {
                permission: permission_name(),
                namespace: NamespaceKey::from_stored(1 << 20),
                description: None,
                category: Some(String::new()),
            },
        ),
        (
            "RoleCreated-guarded",
            Fact::RoleCreated {
                key: role_name().key,
                realm: REALM,
                id: role_name().id,
                name: "editor".to_owned(),
                description: None,
                guarded: Some(guarded()),
            },
        ),
        (
            "RoleDeleted-guarded",
            Fact::RoleDeleted {
                role: role_name(),
                name: "editor".to_owned(),
                description: None,
                guarded: Some(guarded()),
            },
        ),
    ]);
    all
}

fn permission_facts() -> Vec<Fact> {
    vec![
        Fact::PermissionRenamed {
            permission: permission_name(),
            after: "users.add".to_owned(),
        },
        Fact::PermissionCategorized {
            permission: permission_name(),
            before: None,
            after: Some("people".to_owned()),
        },
    ]
}

fn role_facts() -> Vec<Fact> {
    let role = role_name;
    vec![
        Fact::RoleActivated { role: role() },
        Fact::RoleDeactivated { role: role() },
        Fact::RoleSaved { role: role() },
    ]
}

fn admin_facts() -> Vec<Fact> {
    let admin = || AdminName {
        key: AdminKey::from_stored(3 << 20),
        id: ID.to_owned(),
        email: "ops@example.com".to_owned(),
    };
    vec![
        Fact::AdminCreated {
            key: admin().key,
            id: admin().id,
            email: admin().email,
            name: None,
            password: hash(),
            metadata: Settings::new(),
        },
        Fact::AdminPasswordChanged {
            admin: admin(),
            password: hash(),
            token_version: 1,
        },
        Fact::AdminSessionsEnded {
            admin: admin(),
            token_version: u32::MAX,
        },
        Fact::AdminDeleted {
            admin: admin(),
            name: Some("Ops".to_owned()),
        },
    ]
}

fn link_facts() -> Vec<Fact> {
    let (key, link) = (
        LinkedSubjectKey::from_stored((4 << 20) + 1),
        LinkKey::from_stored(4 << 20),
    );
    vec![
        Fact::SubjectLinked {
            key,
            link,
            subject: subject(),
        },
        Fact::SubjectUnlinked {
            key,
            link,
            subject: subject(),
            linked_at: TenantSeq(4),
        },
    ]
}

pub(super) fn rejections() -> Vec<(&'static str, Rejection)> {
    let named = [
        Rejection::NotInRealm { realm: REALM },
        Rejection::NoSuchPermissionId {
            permission: ID.to_owned(),
        },
        Rejection::NoSuchPermissions {
            api: "web".to_owned(),
            names: vec!["nope".to_owned(), odd()],
        },
        Rejection::PermissionExists {
            api: "web".to_owned(),
            name: String::new(),
        },
        Rejection::NoSuchAdmin {
            admin: ID.to_owned(),
        },
        Rejection::AdminExists {
            email: "ops@example.com".to_owned(),
        },
        Rejection::NotFirstAdmin,
        Rejection::LastAdmin,
    ];
    let named = named.map(|rejection| (rejection.kind(), rejection));
    named.into_iter().collect()
}

fn guarded() -> Guarded {
    Guarded {
        guard: "web".to_owned(),
        system: true,
        active: false,
    }
}

fn permission_name() -> PermissionName {
    PermissionName {
        key: PermissionKey::from_stored((1 << 20) + 1),
        realm: REALM,
        api: "web".to_owned(),
        name: "users.create".to_owned(),
        id: Some(ID.to_owned()),
    }
}

fn role_name() -> RoleName {
    RoleName {
        key: RoleKey::from_stored(2 << 20),
        realm: REALM,
        id: ID.to_owned(),
    }
}

fn subject() -> SubjectRef {
    SubjectRef {
        realm: Realm::Auth0,
        id: "auth0|1".to_owned(),
    }
}

fn hash() -> String {
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".to_owned()
}
