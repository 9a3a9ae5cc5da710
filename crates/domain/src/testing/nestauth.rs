//! What is asked in Nest Auth's realm, and random commands there.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::Words;
use crate::{Command, PermissionRef, Realm, Settings, SubjectRef};

const REALM: Realm = Realm::NestAuth;
/// Ids of permissions; their names are letters.
const IDS: &[&str] = &["p1", "p2", "p3"];
const NAMES: &[&str] = &["x", "y", "z"];
const GUARDS: &[&str] = &["web", "api", "old"];
const ROLES: &[&str] = &["r1", "r2"];
const ADMINS: &[&str] = &["a1", "a2"];
const PEOPLE: &[&str] = &["ann", "bob", "cy"];

pub(crate) fn configure(guards: &[&str]) -> Command {
    let guards = guards.iter().map(|guard| (*guard).to_owned()).collect();
    Command::ConfigureNestAuth { guards }
}

/// Make a permission in a guard.
pub(crate) fn create_permission(id: &str, (api, name): (&str, &str)) -> Command {
    Command::CreatePermission {
        realm: REALM,
        id: id.to_owned(),
        api: api.to_owned(),
        name: name.to_owned(),
        description: None,
        category: None,
    }
}

/// Change a permission's name, description and category.
pub(crate) fn update_permission(
    id: &str,
    name: Option<&str>,
    description: Option<&str>,
    category: Option<&str>,
) -> Command {
    Command::UpdatePermission {
        realm: REALM,
        permission: id.to_owned(),
        name: name.map(str::to_owned),
        description: description.map(str::to_owned),
        category: category.map(str::to_owned),
    }
}

pub(crate) fn rename_permission(id: &str, name: &str) -> Command {
    update_permission(id, Some(name), None, None)
}

pub(crate) fn delete_permission(id: &str) -> Command {
    let permission = id.to_owned();
    Command::DeletePermission {
        realm: REALM,
        permission,
    }
}

/// Make an active role.
pub(crate) fn create_role(id: &str, (guard, name): (&str, &str), permissions: &[&str]) -> Command {
    Command::CreateGuardedRole {
        realm: REALM,
        id: id.to_owned(),
        name: name.to_owned(),
        guard: guard.to_owned(),
        system: false,
        active: true,
        permissions: owned(permissions),
    }
}

pub(crate) fn update_role(
    role: &str,
    name: Option<&str>,
    active: Option<bool>,
    permissions: Option<&[&str]>,
) -> Command {
    Command::UpdateGuardedRole {
        realm: REALM,
        role: role.to_owned(),
        name: name.map(str::to_owned),
        active,
        permissions: permissions.map(owned),
    }
}

pub(crate) fn create_admin(id: &str, email: &str, first: bool) -> Command {
    Command::CreateAdmin {
        id: id.to_owned(),
        email: email.to_owned(),
        name: None,
        password: "hash".to_owned(),
        metadata: Settings::new(),
        first,
    }
}

/// Somebody, as `realm:id` names them.
pub(crate) fn subject(text: &str) -> SubjectRef {
    let (realm, id) = text.split_once(':').unwrap();
    SubjectRef {
        realm: Realm::from_name(realm).unwrap(),
        id: id.to_owned(),
    }
}

pub(crate) fn link(one: &str, other: &str) -> Command {
    Command::LinkSubject {
        subject: subject(one),
        with: subject(other),
    }
}

pub(crate) fn unlink(one: &str) -> Command {
    let subject = subject(one);
    Command::UnlinkSubject { subject }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Commands that make guards, permissions, a role and an admin.
pub(crate) fn populated() -> Vec<Command> {
    vec![
        configure(&["web", "api"]),
        create_permission("p1", ("web", "x")),
        create_permission("p2", ("web", "y")),
        create_role("r1", ("web", "R1"), &["x", "y"]),
        Words(REALM).assign("u", &["r1"]),
        create_admin("a1", "a1@example.com", true),
        link("auth0:ann", "native:bob"),
    ]
}

/// A random command of Nest Auth's realm, or of links.
pub(super) fn command() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => permissions(),
        3 => roles(),
        2 => users(),
        1 => admins(),
        2 => links(),
        1 => elsewhere(),
    ]
    .boxed()
}

fn permissions() -> BoxedStrategy<Command> {
    let text = || option::of(select(&["", "d"][..]).prop_map(str::to_owned));
    let create = (select(IDS), select(GUARDS), select(NAMES))
        .prop_map(|(id, guard, name)| create_permission(id, (guard, name)));
    let update = (select(IDS), option::of(select(NAMES)), text(), text()).prop_map(
        |(id, name, description, category)| {
            update_permission(id, name, description.as_deref(), category.as_deref())
        },
    );
    let delete = select(IDS).prop_map(delete_permission);
    let configured = vec(select(GUARDS), 0..3).prop_map(|guards| configure(&guards));
    prop_oneof![3 => create, 6 => update, 1 => delete, 1 => configured].boxed()
}

fn roles() -> BoxedStrategy<Command> {
    let held = || vec(select(NAMES), 0..4);
    let create = (select(ROLES), select(GUARDS), select(ROLES), held())
        .prop_map(|(id, guard, name, held)| create_role(id, (guard, name), &held));
    let update = (
        select(ROLES),
        option::of(select(ROLES)),
        option::of(any::<bool>()),
        option::of(held()),
    );
    let update = update
        .prop_map(|(role, name, active, held)| update_role(role, name, active, held.as_deref()));
    let delete = select(ROLES).prop_map(|role| Words(REALM).delete_role(role));
    let reference = (select(GUARDS), select(NAMES)).prop_map(|(api, name)| PermissionRef {
        api: api.to_owned(),
        name: name.to_owned(),
    });
    let holding = (any::<bool>(), select(ROLES), vec(reference, 0..3)).prop_map(
        |(grant, role, permissions)| {
            let (realm, role) = (REALM, role.to_owned());
            if grant {
                Command::GrantRolePermissions {
                    realm,
                    role,
                    permissions,
                }
            } else {
                Command::RevokeRolePermissions {
                    realm,
                    role,
                    permissions,
                }
            }
        },
    );
    prop_oneof![3 => create, 5 => update, 1 => delete, 2 => holding].boxed()
}

fn users() -> BoxedStrategy<Command> {
    let several = || vec(select(ROLES), 0..3);
    let assign =
        (select(PEOPLE), several()).prop_map(|(user, roles)| Words(REALM).assign(user, &roles));
    let unassign =
        (select(PEOPLE), several()).prop_map(|(user, roles)| Words(REALM).unassign(user, &roles));
    let assign_users = (select(ROLES), vec(select(PEOPLE), 0..3)).prop_map(|(role, users)| {
        Command::AssignRoleUsers {
            realm: REALM,
            role: role.to_owned(),
            users: owned(&users),
        }
    });
    let delete = select(PEOPLE).prop_map(|user| Command::DeleteUser {
        realm: REALM,
        user: user.to_owned(),
    });
    prop_oneof![3 => assign, 2 => unassign, 1 => assign_users, 1 => delete].boxed()
}

fn admins() -> BoxedStrategy<Command> {
    let create = (select(ADMINS), select(ADMINS), any::<bool>())
        .prop_map(|(id, email, first)| create_admin(id, email, first));
    let password =
        (select(ADMINS), select(&["hash", "other"][..])).prop_map(|(admin, password)| {
            Command::ChangeAdminPassword {
                admin: admin.to_owned(),
                password: password.to_owned(),
            }
        });
    let end = select(ADMINS).prop_map(|admin| Command::EndAdminSessions {
        admin: admin.to_owned(),
    });
    let delete = select(ADMINS).prop_map(|admin| Command::DeleteAdmin {
        admin: admin.to_owned(),
    });
    prop_oneof![3 => create, 1 => password, 1 => end, 2 => delete].boxed()
}

fn links() -> BoxedStrategy<Command> {
    let who = || {
        (select(Realm::ALL.as_slice()), select(PEOPLE)).prop_map(|(realm, id)| SubjectRef {
            realm,
            id: id.to_owned(),
        })
    };
    let link = (who(), who()).prop_map(|(subject, with)| Command::LinkSubject { subject, with });
    let unlink = who().prop_map(|subject| Command::UnlinkSubject { subject });
    prop_oneof![2 => link, 1 => unlink].boxed()
}

/// What another realm has and this one has not, or the reverse.
fn elsewhere() -> BoxedStrategy<Command> {
    let realm = || select(Realm::ALL.as_slice());
    prop_oneof![
        realm().prop_map(|realm| Words(realm).create_api("a", "a")),
        realm().prop_map(|realm| Words(realm).create_role("r1", "r1")),
        realm().prop_map(|realm| Words(realm).grant_user("u", &[("web", "x")])),
        realm().prop_map(|realm| Command::DeletePermission {
            realm,
            permission: "p1".to_owned(),
        }),
    ]
    .boxed()
}
