//! Words of Camunda's realm.

use crate::{
    AuthorizationKind, AuthorizationTerms, Command, Holder, NounKind, NounRef, Realm, RevokeMode,
    Settings,
};

/// Asked by somebody whose rights decide.
pub(crate) fn by(user: &str, mut command: Command) -> Command {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "no other command has such a field"
    )]
    match &mut command {
        Command::CreateCamundaUser { by, .. }
        | Command::UpdateCamundaUser { by, .. }
        | Command::SetCamundaPassword { by, .. }
        | Command::DeleteCamundaUser { by, .. }
        | Command::CreateGroup { by, .. }
        | Command::UpdateGroup { by, .. }
        | Command::DeleteGroup { by, .. }
        | Command::AddGroupMember { by, .. }
        | Command::RemoveGroupMember { by, .. }
        | Command::CreateAuthorization { by, .. }
        | Command::UpdateAuthorization { by, .. }
        | Command::DeleteAuthorization { by, .. } => *by = Some(user.to_owned()),
        other => panic!("{other:?} is nobody's"),
    }
    command
}

pub(crate) fn configure(revoke_mode: RevokeMode) -> Command {
    Command::ConfigureCamunda { revoke_mode }
}

pub(crate) fn create_user(id: &str) -> Command {
    Command::CreateCamundaUser {
        by: None,
        id: id.to_owned(),
        profile: Settings::new(),
        password_hash: None,
    }
}

pub(crate) fn delete_user(user: &str) -> Command {
    let (by, user) = (None, user.to_owned());
    Command::DeleteCamundaUser { by, user }
}

pub(crate) fn set_password(user: &str, hash: &str) -> Command {
    Command::SetCamundaPassword {
        by: None,
        user: user.to_owned(),
        password_hash: hash.to_owned(),
    }
}

pub(crate) fn create_group(id: &str) -> Command {
    Command::CreateGroup {
        by: None,
        id: id.to_owned(),
        name: None,
        kind: None,
    }
}

pub(crate) fn delete_group(group: &str) -> Command {
    let (by, group) = (None, group.to_owned());
    Command::DeleteGroup { by, group }
}

pub(crate) fn add_member(group: &str, user: &str) -> Command {
    let (by, group, user) = (None, group.to_owned(), user.to_owned());
    Command::AddGroupMember { by, group, user }
}

pub(crate) fn remove_member(group: &str, user: &str) -> Command {
    let (by, group, user) = (None, group.to_owned(), user.to_owned());
    Command::RemoveGroupMember { by, group, user }
}

/// A kind, by its number: 0 global, 1 grant, 2 revoke.
pub(crate) fn create(
    id: &str,
    kind: i32,
    (user, group): (Option<&str>, Option<&str>),
    (resource_type, resource_id): (i32, Option<&str>),
    permissions: &[&str],
) -> Command {
    Command::CreateAuthorization {
        by: None,
        id: id.to_owned(),
        kind,
        user: user.map(str::to_owned),
        group: group.map(str::to_owned),
        resource_type: Some(resource_type),
        resource_id: resource_id.map(str::to_owned),
        permissions: Some(super::texts(permissions)),
    }
}

/// A grant to a user.
pub(crate) fn grant(id: &str, user: &str, on: (i32, &str), permissions: &[&str]) -> Command {
    create(id, 1, (Some(user), None), (on.0, Some(on.1)), permissions)
}

pub(crate) fn update(
    id: &str,
    (user, group): (Option<&str>, Option<&str>),
    (resource_type, resource_id): (Option<i32>, Option<&str>),
    permissions: Option<&[&str]>,
) -> Command {
    Command::UpdateAuthorization {
        by: None,
        authorization: id.to_owned(),
        user: user.map(str::to_owned),
        group: group.map(str::to_owned),
        resource_type,
        resource_id: resource_id.map(str::to_owned),
        permissions: permissions.map(super::texts),
    }
}

pub(crate) fn delete(id: &str) -> Command {
    let (by, authorization) = (None, id.to_owned());
    Command::DeleteAuthorization { by, authorization }
}

pub(crate) fn terms(
    holder: Holder,
    (resource_type, resource_id): (i32, Option<&str>),
    permissions: u32,
) -> AuthorizationTerms {
    AuthorizationTerms {
        holder,
        resource_type,
        resource_id: resource_id.map(str::to_owned),
        permissions,
    }
}

pub(crate) fn noun(kind: NounKind, id: &str) -> NounRef {
    NounRef {
        realm: Realm::Camunda,
        kind,
        id: id.to_owned(),
    }
}

/// Commands after which `ann` may do everything, `bob` some things, and nobody else anything.
pub(crate) fn populated() -> Vec<Command> {
    let of_group = (None, Some("g1"));
    let mut commands = vec![
        create_user("ann"),
        create_user("bob"),
        create_group("g1"),
        add_member("g1", "ann"),
        create(
            "z1",
            AuthorizationKind::Global.number(),
            (Some("*"), None),
            (4, Some("*")),
            &["READ"],
        ),
        create(
            "z2",
            AuthorizationKind::Revoke.number(),
            (Some("bob"), None),
            (1, Some("ann")),
            &["ALL"],
        ),
        grant("z3", "bob", (4, "z1"), &["UPDATE", "DELETE"]),
    ];
    for number in 0..6 {
        let id = format!("all{number}");
        commands.push(create(&id, 1, of_group, (number, Some("*")), &["ALL"]));
    }
    commands
}
