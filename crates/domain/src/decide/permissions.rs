//! Rules for permissions that are made one by one and have an id (Nest Auth).

use super::Stop;
use super::apis::mint;
use super::guards;
use crate::policy::{self, Permissions};
use crate::state::Draft;
use crate::{
    Command, Fact, NamespaceKey, Permission, PermissionKey, PermissionName, PermissionRef, Realm,
    Rejection, TextProblem,
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreatePermission { realm, .. }
        | Command::UpdatePermission { realm, .. }
        | Command::DeletePermission { realm, .. }
            if policy::of(*realm).permissions != Permissions::Identified =>
        {
            Err(Rejection::NotInRealm { realm: *realm }.into())
        }
        Command::CreatePermission {
            realm,
            id,
            api,
            name,
            description,
            category,
        } => {
            let made = Made {
                id,
                api,
                name,
                description: description.as_ref(),
                category: category.as_ref(),
            };
            create(draft, *realm, &made)
        }
        Command::UpdatePermission {
            realm,
            permission,
            name,
            description,
            category,
        } => {
            let found = existing(draft, *realm, permission)?;
            if let Some(name) = name {
                rename(draft, &found, name)?;
            }
            if let Some(description) = description {
                describe(draft, &found, description)?;
            }
            if let Some(category) = category {
                categorize(draft, &found, category)?;
            }
            Ok(())
        }
        Command::DeletePermission { realm, permission } => {
            let Existing { key, name, row } = existing(draft, *realm, permission)?;
            draft.emit(Fact::PermissionRemoved {
                permission: PermissionName { key, ..name },
                namespace: row.namespace,
                description: row.description,
                category: row.category,
            })?;
            Ok(())
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

struct Made<'a> {
    id: &'a str,
    api: &'a str,
    name: &'a str,
    description: Option<&'a String>,
    category: Option<&'a String>,
}

fn create(draft: &mut Draft<'_>, realm: Realm, made: &Made<'_>) -> Result<(), Stop> {
    let namespace = guards::allowed(draft, realm, made.api)?;
    let exists = |name: &str| Rejection::PermissionExists {
        api: made.api.to_owned(),
        name: name.to_owned(),
    };
    if draft.permission_identified(realm, made.id)?.is_some() {
        return Err(exists(made.id).into());
    }
    if named(draft, realm, (namespace, made.api), made.name)?.is_some() {
        return Err(exists(made.name).into());
    }
    let key = mint(draft, PermissionKey::minted)?;
    draft.emit(Fact::PermissionDefined {
        permission: PermissionName {
            key,
            realm,
            api: made.api.to_owned(),
            name: made.name.to_owned(),
            id: Some(made.id.to_owned()),
        },
        namespace,
        description: made.description.cloned(),
        ordinal: 0,
        category: made.category.cloned(),
    })?;
    Ok(())
}

/// A permission as it was before the command.
struct Existing {
    key: PermissionKey,
    name: PermissionName,
    row: Permission,
}

/// Renaming keeps the key, so that whoever holds the permission holds it under its new name.
fn rename(draft: &mut Draft<'_>, found: &Existing, after: &str) -> Result<(), Stop> {
    if after.is_empty() {
        return Err(Rejection::BadText {
            field: "name".to_owned(),
            problem: TextProblem::Empty,
        }
        .into());
    }
    if after == found.row.name {
        return Ok(());
    }
    let namespace = (found.row.namespace, found.name.api.as_str());
    if named(draft, found.name.realm, namespace, after)?.is_some() {
        return Err(Rejection::PermissionExists {
            api: found.name.api.clone(),
            name: after.to_owned(),
        }
        .into());
    }
    draft.emit(Fact::PermissionRenamed {
        permission: found.name.clone(),
        after: after.to_owned(),
    })?;
    Ok(())
}

fn describe(draft: &mut Draft<'_>, found: &Existing, after: &str) -> Result<(), Stop> {
    let (before, after) = (found.row.description.clone(), unless_empty(after));
    if before != after {
        draft.emit(Fact::PermissionDescribed {
            permission: found.name.clone(),
            before,
            after,
        })?;
    }
    Ok(())
}

fn categorize(draft: &mut Draft<'_>, found: &Existing, after: &str) -> Result<(), Stop> {
    let (before, after) = (found.row.category.clone(), unless_empty(after));
    if before != after {
        draft.emit(Fact::PermissionCategorized {
            permission: found.name.clone(),
            before,
            after,
        })?;
    }
    Ok(())
}

fn unless_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn named(
    draft: &Draft<'_>,
    realm: Realm,
    (namespace, api): (NamespaceKey, &str),
    name: &str,
) -> Result<Option<PermissionKey>, Stop> {
    let wanted = PermissionRef {
        api: api.to_owned(),
        name: name.to_owned(),
    };
    let found = draft.permission(realm, namespace, &wanted)?;
    Ok(found.map(|(key, _)| key))
}

fn existing(draft: &Draft<'_>, realm: Realm, id: &str) -> Result<Existing, Stop> {
    let Some((key, row, namespace)) = draft.permission_identified(realm, id)? else {
        return Err(Rejection::NoSuchPermissionId {
            permission: id.to_owned(),
        }
        .into());
    };
    let name = PermissionName {
        key,
        realm,
        api: namespace.identifier.clone(),
        name: row.name.clone(),
        id: Some(id.to_owned()),
    };
    let row = row.clone();
    Ok(Existing { key, name, row })
}
