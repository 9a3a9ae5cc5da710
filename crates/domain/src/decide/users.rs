//! Rules for users and what they hold.

use super::apis::{differences, mint};
use super::{Stop, roles};
use crate::policy::{self, Absent, Users};
use crate::state::{CountKey, Draft};
use crate::{
    Command, Counted, Fact, JsonText, Key, Limited, PermissionName, PermissionRef, Realm,
    Rejection, RoleName, Settings, TenantSeq, User, UserKey, UserName,
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::GrantUserPermissions { realm, .. }
        | Command::RevokeUserPermissions { realm, .. }
            if policy::of(*realm).users == Users::External =>
        {
            Err(Rejection::NotInRealm { realm: *realm }.into())
        }
        Command::RegisterUser { realm, id, profile } => register(draft, *realm, id, profile),
        Command::UpdateUser {
            realm,
            user,
            profile,
        } => update(draft, *realm, user, profile),
        Command::DeleteUser { realm, user } => delete(draft, *realm, user),
        Command::GrantUserPermissions {
            realm,
            user,
            permissions,
        } => {
            let (user, _) = existing(draft, *realm, user)?;
            grant(draft, &user, permissions)
        }
        Command::RevokeUserPermissions {
            realm,
            user,
            permissions,
        } => {
            let (user, _) = existing(draft, *realm, user)?;
            revoke(draft, &user, permissions)
        }
        Command::AssignUserRoles { realm, user, roles } => {
            // Who is given nothing does not become known by it.
            if roles.is_empty() && policy::of(*realm).users == Users::External {
                return Ok(());
            }
            let user = holder(draft, *realm, user)?;
            roles.iter().try_for_each(|role| assign(draft, &user, role))
        }
        Command::UnassignUserRoles { realm, user, .. }
            if policy::of(*realm).users == Users::External
                && draft.user(*realm, user)?.is_none() =>
        {
            Ok(())
        }
        Command::UnassignUserRoles { realm, user, roles } => {
            let (user, _) = existing(draft, *realm, user)?;
            roles
                .iter()
                .try_for_each(|role| unassign(draft, &user, role))
        }
        Command::AssignRoleUsers { realm, role, users } => {
            roles::existing(draft, *realm, role)?;
            for user in users {
                let user = holder(draft, *realm, user)?;
                assign(draft, &user, role)?;
            }
            Ok(())
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

fn register(draft: &mut Draft<'_>, realm: Realm, id: &str, profile: &Settings) -> Result<(), Stop> {
    if draft.user(realm, id)?.is_some() {
        return Err(Rejection::UserExists {
            user: id.to_owned(),
        }
        .into());
    }
    let key = mint(draft, UserKey::minted)?;
    let (id, profile) = (id.to_owned(), profile.clone());
    draft.emit(Fact::UserRegistered {
        key,
        realm,
        id,
        profile,
    })?;
    Ok(())
}

/// Who is to be given a role: a user, who becomes known by it where users are kept elsewhere.
fn holder(draft: &mut Draft<'_>, realm: Realm, id: &str) -> Result<UserName, Stop> {
    if policy::of(realm).users == Users::External && draft.user(realm, id)?.is_none() {
        register(draft, realm, id, &Settings::new())?;
    }
    let (user, _) = existing(draft, realm, id)?;
    Ok(user)
}

fn update(
    draft: &mut Draft<'_>,
    realm: Realm,
    id: &str,
    profile: &[(String, Option<JsonText>)],
) -> Result<(), Stop> {
    let (user, row) = existing(draft, realm, id)?;
    for (field, before, after) in differences(&row.profile, profile)? {
        draft.emit(Fact::UserProfileChanged {
            user: user.clone(),
            field,
            before,
            after,
        })?;
    }
    Ok(())
}

fn delete(draft: &mut Draft<'_>, realm: Realm, id: &str) -> Result<(), Stop> {
    if draft.user(realm, id)?.is_none()
        && policy::of(realm).delete_missing_user == Absent::Unchanged
    {
        return Ok(());
    }
    let (user, row) = existing(draft, realm, id)?;
    draft.emit(Fact::UserDeleted {
        user,
        profile: row.profile,
    })?;
    Ok(())
}

/// Grants what the user does not hold directly; all must exist.
fn grant(
    draft: &mut Draft<'_>,
    user: &UserName,
    permissions: &[PermissionRef],
) -> Result<(), Stop> {
    let mut granted = false;
    for wanted in permissions {
        let permission = roles::known_permission(draft, user.realm, wanted)?;
        if held(draft, user, &permission)?.is_none() {
            draft.emit(Fact::UserPermissionGranted {
                user: user.clone(),
                permission,
            })?;
            granted = true;
        }
    }
    let limit = policy::of(user.realm).limit(Limited::UserPermissions);
    let counted = || Counted::UserPermissions(user.realm, user.id.clone());
    if granted && draft.exceeds(CountKey::UserPermissions(user.key), limit, counted)? {
        return Err(Rejection::TooMany {
            what: Limited::UserPermissions,
            limit,
        }
        .into());
    }
    Ok(())
}

/// Revokes what the user holds directly. What it does not hold, or what does not exist, is no
/// error.
fn revoke(
    draft: &mut Draft<'_>,
    user: &UserName,
    permissions: &[PermissionRef],
) -> Result<(), Stop> {
    for unwanted in permissions {
        let Some(permission) = roles::permission(draft, user.realm, unwanted)? else {
            continue;
        };
        if let Some(granted_at) = held(draft, user, &permission)? {
            let user = user.clone();
            draft.emit(Fact::UserPermissionRevoked {
                user,
                permission,
                granted_at,
            })?;
        }
    }
    Ok(())
}

fn assign(draft: &mut Draft<'_>, user: &UserName, role: &str) -> Result<(), Stop> {
    let (role, _) = roles::existing(draft, user.realm, role)?;
    if has(draft, user, &role)?.is_some() {
        return Ok(());
    }
    draft.emit(Fact::UserRoleAssigned {
        user: user.clone(),
        role,
    })?;
    let limit = policy::of(user.realm).limit(Limited::UserRoles);
    let counted = || Counted::UserRoles(user.realm, user.id.clone());
    if draft.exceeds(CountKey::UserRoles(user.key), limit, counted)? {
        return Err(Rejection::TooMany {
            what: Limited::UserRoles,
            limit,
        }
        .into());
    }
    Ok(())
}

fn unassign(draft: &mut Draft<'_>, user: &UserName, role: &str) -> Result<(), Stop> {
    if draft.role(user.realm, role)?.is_none()
        && policy::of(user.realm).unassign_missing_role == Absent::Unchanged
    {
        return Ok(());
    }
    let (role, _) = roles::existing(draft, user.realm, role)?;
    if let Some(assigned_at) = has(draft, user, &role)? {
        draft.emit(Fact::UserRoleUnassigned {
            user: user.clone(),
            role,
            assigned_at,
        })?;
    }
    Ok(())
}

fn held(
    draft: &Draft<'_>,
    user: &UserName,
    permission: &PermissionName,
) -> Result<Option<TenantSeq>, Stop> {
    let missing = || Key::UserPermission {
        realm: user.realm,
        user: user.id.clone(),
        permission: PermissionRef {
            api: permission.api.clone(),
            name: permission.name.clone(),
        },
    };
    Ok(draft.user_permission((user.key, permission.key), missing)?)
}

fn has(draft: &Draft<'_>, user: &UserName, role: &RoleName) -> Result<Option<TenantSeq>, Stop> {
    let missing = || Key::UserRole {
        realm: user.realm,
        user: user.id.clone(),
        role: role.id.clone(),
    };
    Ok(draft.user_role((user.key, role.key), missing)?)
}

fn existing(draft: &Draft<'_>, realm: Realm, id: &str) -> Result<(UserName, User), Stop> {
    let Some((key, slot)) = draft.user(realm, id)? else {
        return Err(Rejection::NoSuchUser {
            user: id.to_owned(),
        }
        .into());
    };
    Ok((
        UserName {
            key,
            realm,
            id: id.to_owned(),
        },
        slot.row.clone(),
    ))
}
