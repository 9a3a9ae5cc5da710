//! Which nouns an entry concerns: the index of history.

mod permissions;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::permissions::permissions;
pub use self::reach::Reach;
use crate::state::changed_noun;
use crate::{Command, Fact, NounKind, NounRef, PermissionRef, Realm};

/// Names longer than this name nothing that can exist; they are left out of the index.
const NAME_BYTES_MAX: usize = 2_400;
/// Nouns of one entry that are indexed, at most: as many as one command may name, and more.
const CONCERNS_MAX: usize = 20_000;

/// The nouns that an entry names, by the names that were used, and whether it changed them.
#[must_use]
pub fn concerns(command: &Command, facts: &[Fact]) -> BTreeMap<NounRef, bool> {
    let mut named = BTreeMap::new();
    for noun in facts.iter().filter_map(changed_noun) {
        named.insert(noun, true);
    }
    names(command, &mut named);
    named.retain(|noun, _| noun.id.len() <= NAME_BYTES_MAX && !noun.id.contains('\0'));
    named
}

#[expect(clippy::too_many_lines, reason = "flat: an arm a command")]
fn names(command: &Command, named: &mut BTreeMap<NounRef, bool>) {
    let mut name = |realm: Realm, kind: NounKind, id: &String| {
        if named.len() < CONCERNS_MAX {
            named
                .entry(NounRef {
                    realm,
                    kind,
                    id: id.clone(),
                })
                .or_insert(false);
        }
    };
    let mut apis = |realm: Realm, permissions: &[PermissionRef]| {
        for permission in permissions {
            name(realm, NounKind::Api, &permission.api);
        }
    };
    match command {
        Command::CreateApi {
            realm, identifier, ..
        } => name(*realm, NounKind::Api, identifier),
        Command::UpdateApi { realm, api, .. }
        | Command::ReplaceApiPermissions { realm, api, .. }
        | Command::DeleteApi { realm, api } => name(*realm, NounKind::Api, api),
        Command::CreateRole {
            realm, id: role, ..
        }
        | Command::UpdateRole { realm, role, .. }
        | Command::DeleteRole { realm, role } => name(*realm, NounKind::Role, role),
        Command::GrantRolePermissions {
            realm,
            role,
            permissions,
        }
        | Command::RevokeRolePermissions {
            realm,
            role,
            permissions,
        } => {
            apis(*realm, permissions);
            name(*realm, NounKind::Role, role);
        }
        Command::RegisterUser {
            realm, id: user, ..
        }
        | Command::UpdateUser { realm, user, .. }
        | Command::DeleteUser { realm, user } => name(*realm, NounKind::User, user),
        Command::GrantUserPermissions {
            realm,
            user,
            permissions,
        }
        | Command::RevokeUserPermissions {
            realm,
            user,
            permissions,
        } => {
            apis(*realm, permissions);
            name(*realm, NounKind::User, user);
        }
        Command::AssignUserRoles { realm, user, roles }
        | Command::UnassignUserRoles { realm, user, roles } => {
            name(*realm, NounKind::User, user);
            for role in roles {
                name(*realm, NounKind::Role, role);
            }
        }
        Command::AssignRoleUsers { realm, role, users } => {
            name(*realm, NounKind::Role, role);
            for user in users {
                name(*realm, NounKind::User, user);
            }
        }
        Command::Batch(commands) => commands.iter().for_each(|command| names(command, named)),
        Command::CancelCommand { .. } => {}
        Command::RecordDenial { target, .. } => {
            if let Some(target) = target {
                name(target.realm, target.kind, &target.id);
            }
        }
    }
}
