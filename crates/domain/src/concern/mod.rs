//! Which nouns an entry concerns: the index of history.

mod permissions;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::permissions::permissions;
pub use self::reach::Reach;
use crate::state::changed_nouns;
use crate::{Command, Fact, Holder, NounKind, NounRef, PermissionRef, Realm};

/// Names longer than this name nothing that can exist; they are left out of the index.
const NAME_BYTES_MAX: usize = 2_400;
/// Nouns of one entry that are indexed, at most: as many as one command may name, and more.
const CONCERNS_MAX: usize = 20_000;

/// The nouns that an entry names, by the names that were used, and whether it changed them.
#[must_use]
pub fn concerns(command: &Command, facts: &[Fact]) -> BTreeMap<NounRef, bool> {
    let mut named = BTreeMap::new();
    for noun in facts.iter().flat_map(changed_nouns) {
        named.insert(noun, true);
    }
    names(command, &mut named);
    for fact in facts {
        holders(fact, &mut named);
    }
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
        Command::ConfigureNestAuth { guards } => {
            for guard in guards {
                name(Realm::NestAuth, NounKind::Api, guard);
            }
        }
        Command::CreatePermission { realm, api, id, .. } => {
            name(*realm, NounKind::Api, api);
            name(*realm, NounKind::Permission, id);
        }
        Command::UpdatePermission {
            realm, permission, ..
        }
        | Command::DeletePermission { realm, permission } => {
            name(*realm, NounKind::Permission, permission);
        }
        Command::CreateGuardedRole {
            realm, id, guard, ..
        } => {
            name(*realm, NounKind::Api, guard);
            name(*realm, NounKind::Role, id);
        }
        Command::UpdateGuardedRole { realm, role, .. }
        | Command::CreateRole {
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
        Command::CreateAdmin { id: admin, .. }
        | Command::ChangeAdminPassword { admin, .. }
        | Command::EndAdminSessions { admin }
        | Command::DeleteAdmin { admin } => name(Realm::NestAuth, NounKind::Admin, admin),
        Command::LinkSubject { subject, with } => {
            name(subject.realm, NounKind::User, &subject.id);
            name(with.realm, NounKind::User, &with.id);
        }
        Command::UnlinkSubject { subject } => name(subject.realm, NounKind::User, &subject.id),
        Command::Batch(commands) => commands.iter().for_each(|command| names(command, named)),
        Command::CancelCommand { .. } | Command::ConfigureCamunda { .. } => {}
        Command::RecordDenial { target, .. } => {
            if let Some(target) = target {
                name(target.realm, target.kind, &target.id);
            }
        }
        Command::InstallCamundaAdmin { user, .. }
        | Command::CreateCamundaUser { id: user, .. }
        | Command::UpdateCamundaUser { user, .. }
        | Command::SetCamundaPassword { user, .. }
        | Command::DeleteCamundaUser { user, .. } => name(Realm::Camunda, NounKind::User, user),
        Command::CreateGroup { id: group, .. }
        | Command::UpdateGroup { group, .. }
        | Command::DeleteGroup { group, .. } => name(Realm::Camunda, NounKind::Group, group),
        Command::AddGroupMember { group, user, .. }
        | Command::RemoveGroupMember { group, user, .. } => {
            name(Realm::Camunda, NounKind::Group, group);
            name(Realm::Camunda, NounKind::User, user);
        }
        Command::CreateAuthorization {
            id: authorization,
            user,
            group,
            ..
        }
        | Command::UpdateAuthorization {
            authorization,
            user,
            group,
            ..
        } => {
            name(Realm::Camunda, NounKind::Authorization, authorization);
            if let Some(user) = user {
                name(Realm::Camunda, NounKind::User, user);
            }
            if let Some(group) = group {
                name(Realm::Camunda, NounKind::Group, group);
            }
        }
        Command::DeleteAuthorization { authorization, .. } => {
            name(Realm::Camunda, NounKind::Authorization, authorization);
        }
    }
}

/// Whose an authorization was, is or has become: its command may not say.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other fact names a holder by text"
)]
fn holders(fact: &Fact, named: &mut BTreeMap<NounRef, bool>) {
    let mut holder = |holder: &Holder| {
        let (kind, id) = match holder {
            Holder::User { user } => (NounKind::User, user),
            Holder::Group { group } => (NounKind::Group, group),
        };
        if named.len() < CONCERNS_MAX {
            let noun = NounRef {
                realm: Realm::Camunda,
                kind,
                id: id.clone(),
            };
            named.entry(noun).or_insert(false);
        }
    };
    match fact {
        Fact::AuthorizationCreated { authorization, .. } => holder(&authorization.terms.holder),
        Fact::AuthorizationChanged { before, after, .. } => {
            holder(&before.holder);
            holder(&after.holder);
        }
        Fact::AuthorizationDeleted { terms, .. } => holder(&terms.holder),
        Fact::GroupMemberAdded { user, .. } | Fact::GroupMemberRemoved { user, .. } => {
            holder(&Holder::user(&user.id));
        }
        _ => {}
    }
}
