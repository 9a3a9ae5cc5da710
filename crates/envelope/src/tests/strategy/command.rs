//! Arbitrary commands.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use writ_domain::{Command, NounKind, NounRef};

use super::{changes, denial, id, permission_ref, realm, settings, spec, text};

pub(in crate::tests) fn command() -> BoxedStrategy<Command> {
    let single = prop_oneof![
        command_on_api(),
        command_on_role(),
        command_on_user(),
        super::camunda::command(),
        super::nestauth::command(),
        id().prop_map(|command| Command::CancelCommand { command }),
        (text(), option::of(noun()), denial(), any::<u32>()).prop_map(
            |(operation, target, denial, count)| Command::RecordDenial {
                operation,
                target,
                denial,
                count
            }
        ),
    ];
    single
        .prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(Command::Batch))
        .boxed()
}

fn noun() -> impl Strategy<Value = NounRef> {
    (
        realm(),
        prop::sample::select(NounKind::ALL.to_vec()),
        text(),
    )
        .prop_map(|(realm, kind, id)| NounRef { realm, kind, id })
}

fn command_on_api() -> BoxedStrategy<Command> {
    let create = (realm(), text(), text(), option::of(text()), settings());
    prop_oneof![
        (create, option::of(vec(spec(), 0..4))).prop_map(
            |((realm, id, identifier, name, settings), permissions)| Command::CreateApi {
                realm,
                id,
                identifier,
                name,
                settings,
                permissions
            }
        ),
        (realm(), text(), option::of(text()), changes()).prop_map(
            |(realm, api, name, settings)| Command::UpdateApi {
                realm,
                api,
                name,
                settings
            }
        ),
        (realm(), text(), vec(spec(), 0..4)).prop_map(|(realm, api, permissions)| {
            Command::ReplaceApiPermissions {
                realm,
                api,
                permissions,
            }
        }),
        (realm(), text()).prop_map(|(realm, api)| Command::DeleteApi { realm, api }),
    ]
    .boxed()
}

fn command_on_role() -> BoxedStrategy<Command> {
    let permissions = || vec(permission_ref(), 0..4);
    prop_oneof![
        (realm(), text(), text(), option::of(text())).prop_map(|(realm, id, name, description)| {
            Command::CreateRole {
                realm,
                id,
                name,
                description,
            }
        }),
        (realm(), text(), option::of(text()), option::of(text())).prop_map(
            |(realm, role, name, description)| Command::UpdateRole {
                realm,
                role,
                name,
                description
            }
        ),
        (realm(), text()).prop_map(|(realm, role)| Command::DeleteRole { realm, role }),
        (realm(), text(), permissions()).prop_map(|(realm, role, permissions)| {
            Command::GrantRolePermissions {
                realm,
                role,
                permissions,
            }
        }),
        (realm(), text(), permissions()).prop_map(|(realm, role, permissions)| {
            Command::RevokeRolePermissions {
                realm,
                role,
                permissions,
            }
        }),
        (realm(), text(), vec(text(), 0..4))
            .prop_map(|(realm, role, users)| Command::AssignRoleUsers { realm, role, users }),
    ]
    .boxed()
}

fn command_on_user() -> BoxedStrategy<Command> {
    let permissions = || vec(permission_ref(), 0..4);
    let roles = || vec(text(), 0..4);
    prop_oneof![
        (realm(), text(), settings()).prop_map(|(realm, id, profile)| Command::RegisterUser {
            realm,
            id,
            profile
        }),
        (realm(), text(), changes()).prop_map(|(realm, user, profile)| Command::UpdateUser {
            realm,
            user,
            profile
        }),
        (realm(), text()).prop_map(|(realm, user)| Command::DeleteUser { realm, user }),
        (realm(), text(), permissions()).prop_map(|(realm, user, permissions)| {
            Command::GrantUserPermissions {
                realm,
                user,
                permissions,
            }
        }),
        (realm(), text(), permissions()).prop_map(|(realm, user, permissions)| {
            Command::RevokeUserPermissions {
                realm,
                user,
                permissions,
            }
        }),
        (realm(), text(), roles()).prop_map(|(realm, user, roles)| Command::AssignUserRoles {
            realm,
            user,
            roles
        }),
        (realm(), text(), roles()).prop_map(|(realm, user, roles)| Command::UnassignUserRoles {
            realm,
            user,
            roles
        }),
    ]
    .boxed()
}
