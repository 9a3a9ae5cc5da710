//! Rules for roles and what they hold.

use super::Stop;
use super::apis::mint;
use crate::policy::{self, Absent, Roles};
use crate::state::{CountKey, Draft};
use crate::{
    Command, Counted, Fact, Key, Limited, PermissionName, PermissionRef, Realm, Rejection, Role,
    RoleKey, RoleName,
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreateRole { realm, .. } | Command::UpdateRole { realm, .. }
            if policy::of(*realm).roles == Roles::Guarded =>
        {
            Err(Rejection::NotInRealm { realm: *realm }.into())
        }
        Command::CreateRole {
            realm,
            id,
            name,
            description,
        } => create(draft, *realm, (id, name), description.clone()),
        Command::UpdateRole {
            realm,
            role,
            name,
            description,
        } => update(draft, (*realm, role), name.as_ref(), description.as_ref()),
        Command::DeleteRole { realm, role } => delete(draft, *realm, role),
        Command::GrantRolePermissions {
            realm,
            role,
            permissions,
        } => {
            let (role, row) = existing(draft, *realm, role)?;
            in_guard(&row, permissions)?;
            grant(draft, &role, permissions)
        }
        Command::RevokeRolePermissions {
            realm,
            role,
            permissions,
        } => {
            let (role, _) = existing(draft, *realm, role)?;
            revoke(draft, &role, permissions)
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

fn create(
    draft: &mut Draft<'_>,
    realm: Realm,
    (id, name): (&str, &str),
    description: Option<String>,
) -> Result<(), Stop> {
    if draft.role(realm, id)?.is_some() {
        return Err(Rejection::RoleExists {
            name: id.to_owned(),
        }
        .into());
    }
    if draft.role_named(realm, name)?.is_some() {
        return Err(Rejection::RoleExists {
            name: name.to_owned(),
        }
        .into());
    }
    let key = mint(draft, RoleKey::minted)?;
    let (id, name) = (id.to_owned(), name.to_owned());
    draft.emit(Fact::RoleCreated {
        key,
        realm,
        id,
        name,
        description,
        guarded: None,
    })?;
    within_limit(draft, realm)
}

/// Refuses one role more than the realm allows.
pub(super) fn within_limit(draft: &Draft<'_>, realm: Realm) -> Result<(), Stop> {
    let limit = policy::of(realm).limit(Limited::Roles);
    if draft.exceeds(CountKey::Roles(realm), limit, || Counted::Roles(realm))? {
        return Err(Rejection::TooMany {
            what: Limited::Roles,
            limit,
        }
        .into());
    }
    Ok(())
}

fn update(
    draft: &mut Draft<'_>,
    (realm, id): (Realm, &str),
    name: Option<&String>,
    description: Option<&String>,
) -> Result<(), Stop> {
    let (role, row) = existing(draft, realm, id)?;
    if let Some(after) = name.filter(|name| **name != row.name) {
        if draft
            .role_named(realm, after)?
            .is_some_and(|holder| holder != role.key)
        {
            return Err(Rejection::RoleExists {
                name: after.clone(),
            }
            .into());
        }
        let (before, after) = (row.name.clone(), after.clone());
        draft.emit(Fact::RoleRenamed {
            role: role.clone(),
            before,
            after,
        })?;
    }
    if let Some(after) = description.filter(|after| row.description.as_ref() != Some(after)) {
        let (before, after) = (row.description.clone(), Some(after.clone()));
        draft.emit(Fact::RoleDescribed {
            role,
            before,
            after,
        })?;
    }
    Ok(())
}

fn delete(draft: &mut Draft<'_>, realm: Realm, id: &str) -> Result<(), Stop> {
    if draft.role(realm, id)?.is_none()
        && policy::of(realm).delete_missing_role == Absent::Unchanged
    {
        return Ok(());
    }
    let (role, row) = existing(draft, realm, id)?;
    draft.emit(Fact::RoleDeleted {
        role,
        name: row.name,
        description: row.description,
        guarded: row.guarded,
    })?;
    Ok(())
}

/// Refuses permissions that are not in the role's guard, as if they did not exist.
fn in_guard(role: &Role, permissions: &[PermissionRef]) -> Result<(), Rejection> {
    let Some(guarded) = &role.guarded else {
        return Ok(());
    };
    match permissions.iter().find(|one| one.api != guarded.guard) {
        Some(PermissionRef { api, name }) => {
            let (api, name) = (api.clone(), name.clone());
            Err(Rejection::NoSuchPermission { api, name })
        }
        None => Ok(()),
    }
}

/// Grants what the role does not hold; all must exist.
pub(super) fn grant(
    draft: &mut Draft<'_>,
    role: &RoleName,
    permissions: &[PermissionRef],
) -> Result<(), Stop> {
    let mut granted = false;
    for wanted in permissions {
        let permission = known_permission(draft, role.realm, wanted)?;
        if held(draft, role, &permission)?.is_none() {
            draft.emit(Fact::RolePermissionGranted {
                role: role.clone(),
                permission,
            })?;
            granted = true;
        }
    }
    let limit = policy::of(role.realm).limit(Limited::RolePermissions);
    let counted = || Counted::RolePermissions(role.realm, role.id.clone());
    if granted && draft.exceeds(CountKey::RolePermissions(role.key), limit, counted)? {
        return Err(Rejection::TooMany {
            what: Limited::RolePermissions,
            limit,
        }
        .into());
    }
    Ok(())
}

/// Revokes what the role holds. What it does not hold, or what does not exist, is no error.
pub(super) fn revoke(
    draft: &mut Draft<'_>,
    role: &RoleName,
    permissions: &[PermissionRef],
) -> Result<(), Stop> {
    for unwanted in permissions {
        let Some(permission) = permission(draft, role.realm, unwanted)? else {
            continue;
        };
        if let Some(granted_at) = held(draft, role, &permission)? {
            let role = role.clone();
            draft.emit(Fact::RolePermissionRevoked {
                role,
                permission,
                granted_at,
            })?;
        }
    }
    Ok(())
}

fn held(
    draft: &Draft<'_>,
    role: &RoleName,
    permission: &PermissionName,
) -> Result<Option<crate::TenantSeq>, Stop> {
    let missing = || {
        let permission = PermissionRef {
            api: permission.api.clone(),
            name: permission.name.clone(),
        };
        Key::role_permission(role.realm, &role.id, permission)
    };
    Ok(draft.role_permission((role.key, permission.key), missing)?)
}

/// The role of this id, or a rejection.
pub(super) fn existing(
    draft: &Draft<'_>,
    realm: Realm,
    id: &str,
) -> Result<(RoleName, Role), Stop> {
    let Some((key, slot)) = draft.role(realm, id)? else {
        return Err(Rejection::NoSuchRole {
            role: id.to_owned(),
        }
        .into());
    };
    Ok((
        RoleName {
            key,
            realm,
            id: id.to_owned(),
        },
        slot.row.clone(),
    ))
}

/// The permission, if its API and itself exist.
pub(super) fn permission(
    draft: &Draft<'_>,
    realm: Realm,
    wanted: &PermissionRef,
) -> Result<Option<PermissionName>, Stop> {
    let Some((namespace, _)) = draft.api_identified(realm, &wanted.api)? else {
        return Ok(None);
    };
    let found = draft.permission(realm, namespace, wanted)?;
    Ok(found.map(|(key, slot)| PermissionName {
        key,
        realm,
        api: wanted.api.clone(),
        name: wanted.name.clone(),
        id: slot.row.id.clone(),
    }))
}

/// The permission, or the rejection that says which of API and permission does not exist.
pub(super) fn known_permission(
    draft: &Draft<'_>,
    realm: Realm,
    wanted: &PermissionRef,
) -> Result<PermissionName, Stop> {
    if draft.api_identified(realm, &wanted.api)?.is_none() {
        return Err(Rejection::NoSuchApi {
            api: wanted.api.clone(),
        }
        .into());
    }
    permission(draft, realm, wanted)?.ok_or_else(|| {
        let (api, name) = (wanted.api.clone(), wanted.name.clone());
        Rejection::NoSuchPermission { api, name }.into()
    })
}
