//! Rules for guards and for the roles that live in them (Nest Auth).
//!
//! A guard is a namespace that is configured. Its place in the configuration is a setting of it;
//! one that is configured no more keeps what is in it, and takes nothing new.

use std::collections::BTreeSet;

use super::apis::mint;
use super::{Missing, Stop, roles};
use crate::policy::{self, Roles};
use crate::state::Draft;
use crate::{
    ApiName, Command, Fact, Guarded, JsonText, Key, Limited, NamespaceKey, PermissionKey,
    PermissionRef, Realm, Rejection, Role, RoleKey, RoleName, Settings,
};

/// The setting that holds a guard's place in the configuration, from 0.
const PLACE: &str = "place";

/// A guard's place in the configuration, from 0; none if it is configured no more.
#[must_use]
pub fn guard_place(settings: &Settings) -> Option<u32> {
    settings.get(PLACE)?.0.parse().ok()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::ConfigureNestAuth { guards } => configure(draft, Realm::NestAuth, guards),
        Command::CreateGuardedRole { realm, .. } | Command::UpdateGuardedRole { realm, .. }
            if policy::of(*realm).roles != Roles::Guarded =>
        {
            Err(Rejection::NotInRealm { realm: *realm }.into())
        }
        Command::CreateGuardedRole {
            realm,
            id,
            name,
            guard,
            system,
            active,
            permissions,
        } => {
            let guarded = Guarded {
                guard: guard.clone(),
                system: *system,
                active: *active,
            };
            create(draft, *realm, (id, name), guarded, permissions)
        }
        Command::UpdateGuardedRole {
            realm,
            role,
            name,
            active,
            permissions,
        } => {
            let wanted = Wanted {
                name: name.as_deref(),
                active: *active,
                permissions: permissions.as_deref(),
            };
            update(draft, (*realm, role), &wanted)
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

fn configure(draft: &mut Draft<'_>, realm: Realm, guards: &[String]) -> Result<(), Stop> {
    let limit = policy::of(realm).limit(Limited::Apis);
    let known = draft.apis_of(realm)?;
    let known: Vec<(NamespaceKey, String, Option<JsonText>)> = known
        .into_iter()
        .map(|(key, row)| {
            (
                key,
                row.identifier.clone(),
                row.settings.get(PLACE).cloned(),
            )
        })
        .collect();
    let mut wanted: Vec<&String> = Vec::new();
    for guard in guards {
        if !wanted.contains(&guard) {
            wanted.push(guard);
        }
    }
    let fresh = wanted
        .iter()
        .filter(|guard| !known.iter().any(|(_, name, _)| name == **guard));
    let all = known.len().saturating_add(fresh.count());
    if !u32::try_from(all).is_ok_and(|all| all <= limit) {
        let what = Limited::Apis;
        return Err(Rejection::TooMany { what, limit }.into());
    }
    let place = |guard: &String| {
        let place = wanted.iter().position(|one| *one == guard)?;
        Some(JsonText(place.to_string()))
    };
    for guard in &wanted {
        if !known.iter().any(|(_, name, _)| name == *guard) {
            let key = mint(draft, NamespaceKey::minted)?;
            let place = place(guard).map(|place| (PLACE.to_owned(), place));
            draft.emit(Fact::ApiCreated {
                key,
                realm,
                id: (*guard).clone(),
                identifier: (*guard).clone(),
                name: None,
                settings: Settings::from_iter(place),
            })?;
        }
    }
    for (key, identifier, before) in known {
        let after = place(&identifier);
        if before != after {
            draft.emit(Fact::ApiSettingChanged {
                api: ApiName {
                    key,
                    realm,
                    identifier,
                },
                setting: PLACE.to_owned(),
                before,
                after,
            })?;
        }
    }
    Ok(())
}

/// The guard of this name, if it takes something new.
pub(super) fn allowed(draft: &Draft<'_>, realm: Realm, guard: &str) -> Result<NamespaceKey, Stop> {
    let found = draft.api_identified(realm, guard)?;
    let configured = found.filter(|(_, slot)| slot.row.settings.contains_key(PLACE));
    configured.map(|(key, _)| key).ok_or_else(|| {
        let api = guard.to_owned();
        Rejection::NoSuchApi { api }.into()
    })
}

fn create(
    draft: &mut Draft<'_>,
    realm: Realm,
    (id, name): (&str, &str),
    guarded: Guarded,
    permissions: &[String],
) -> Result<(), Stop> {
    let exists = |name: &str| Rejection::RoleExists {
        name: name.to_owned(),
    };
    if draft.role(realm, id)?.is_some() {
        return Err(exists(id).into());
    }
    allowed(draft, realm, &guarded.guard)?;
    if draft.guard_role(realm, &guarded.guard, name)?.is_some() {
        return Err(exists(name).into());
    }
    let wanted = known(draft, realm, &guarded.guard, permissions)?;
    let key = mint(draft, RoleKey::minted)?;
    draft.emit(Fact::RoleCreated {
        key,
        realm,
        id: id.to_owned(),
        name: name.to_owned(),
        description: None,
        guarded: Some(guarded),
    })?;
    roles::within_limit(draft, realm)?;
    let id = id.to_owned();
    roles::grant(draft, &RoleName { key, realm, id }, &wanted)
}

struct Wanted<'a> {
    name: Option<&'a str>,
    active: Option<bool>,
    permissions: Option<&'a [String]>,
}

/// In the order in which the product checks: the name, then the permissions.
fn update(
    draft: &mut Draft<'_>,
    (realm, id): (Realm, &str),
    wanted: &Wanted<'_>,
) -> Result<(), Stop> {
    let (role, row) = roles::existing(draft, realm, id)?;
    let Some(guarded) = row.guarded.clone() else {
        return Err(Rejection::NotInRealm { realm }.into());
    };
    if wanted.name.is_none() && wanted.active.is_none() && wanted.permissions.is_none() {
        return Ok(());
    }
    let mut written = rename(draft, &role, (&row, &guarded), wanted.name)?;
    let permissions = wanted.permissions;
    let permissions = permissions.map(|names| known(draft, realm, &guarded.guard, names));
    let permissions = permissions.transpose()?;
    match wanted.active {
        Some(true) if !guarded.active => {
            let role = role.clone();
            draft.emit(Fact::RoleActivated { role })?;
            written = true;
        }
        Some(false) if guarded.active => {
            let role = role.clone();
            draft.emit(Fact::RoleDeactivated { role })?;
            written = true;
        }
        Some(true | false) | None => {}
    }
    if let Some(permissions) = permissions {
        replace(draft, &role, &guarded.guard, &permissions)?;
    }
    if !written {
        draft.emit(Fact::RoleSaved { role })?;
    }
    Ok(())
}

fn rename(
    draft: &mut Draft<'_>,
    role: &RoleName,
    (row, guarded): (&Role, &Guarded),
    name: Option<&str>,
) -> Result<bool, Stop> {
    let Some(after) = name.filter(|name| *name != row.name) else {
        return Ok(false);
    };
    let holder = draft.guard_role(role.realm, &guarded.guard, after)?;
    if holder.is_some_and(|holder| holder != role.key) {
        return Err(Rejection::RoleExists {
            name: after.to_owned(),
        }
        .into());
    }
    draft.emit(Fact::RoleRenamed {
        role: role.clone(),
        before: row.name.clone(),
        after: after.to_owned(),
    })?;
    Ok(true)
}

/// The permissions of these names in a guard, or all names that are not there.
fn known(
    draft: &Draft<'_>,
    realm: Realm,
    guard: &str,
    names: &[String],
) -> Result<Vec<PermissionRef>, Stop> {
    let mut found: Vec<PermissionRef> = Vec::with_capacity(names.len());
    let mut missing: Vec<String> = Vec::new();
    // All that is to be loaded at once: asking name by name would take as many round trips.
    let mut needed = BTreeSet::new();
    for name in names {
        let wanted = PermissionRef {
            api: guard.to_owned(),
            name: name.clone(),
        };
        match roles::permission(draft, realm, &wanted) {
            Ok(Some(_)) => found.push(wanted),
            Ok(None) if !missing.contains(name) => missing.push(name.clone()),
            Ok(None) => {}
            Err(Stop::Missing(Missing(key))) => {
                needed.insert(key);
            }
            Err(stop) => return Err(stop),
        }
    }
    if !needed.is_empty() {
        return Err(Stop::Need(needed));
    }
    if missing.is_empty() {
        return Ok(found);
    }
    Err(Rejection::NoSuchPermissions {
        api: guard.to_owned(),
        names: missing,
    }
    .into())
}

/// Makes what a role holds exactly this.
fn replace(
    draft: &mut Draft<'_>,
    role: &RoleName,
    guard: &str,
    wanted: &[PermissionRef],
) -> Result<(), Stop> {
    let missing = || Key::role_holdings(role.realm, &role.id);
    let held = draft.holdings_of(role.key, missing)?;
    let held: Vec<(PermissionKey, PermissionRef)> = held
        .into_iter()
        .map(|(key, row, _)| {
            let (api, name) = (guard.to_owned(), row.name.clone());
            (key, PermissionRef { api, name })
        })
        .collect();
    let unwanted: Vec<PermissionRef> = held
        .into_iter()
        .map(|(_, held)| held)
        .filter(|held| !wanted.contains(held))
        .collect();
    roles::revoke(draft, role, &unwanted)?;
    roles::grant(draft, role, wanted)
}
