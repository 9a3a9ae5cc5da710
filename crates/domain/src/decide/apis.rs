//! Rules for APIs and their permissions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Stop, text};
use crate::policy::{self, Absent, Namespaces};
use crate::state::{CountKey, Draft};
use crate::{
    ApiName, Command, Counted, Fact, JsonText, Key, Limited, Namespace, NamespaceKey, Permission,
    PermissionKey, PermissionName, PermissionSpec, Realm, Rejection, Settings,
};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreateApi { realm, .. }
        | Command::UpdateApi { realm, .. }
        | Command::ReplaceApiPermissions { realm, .. }
        | Command::DeleteApi { realm, .. }
            if policy::of(*realm).namespaces == Namespaces::Configured =>
        {
            Err(Rejection::NotInRealm { realm: *realm }.into())
        }
        Command::CreateApi {
            realm,
            id,
            identifier,
            name,
            settings,
            permissions,
        } => {
            let api = NewApi {
                realm: *realm,
                id,
                identifier,
                name: name.as_ref(),
                settings,
            };
            create(draft, &api, permissions.as_deref())
        }
        Command::UpdateApi {
            realm,
            api,
            name,
            settings,
        } => update(draft, (*realm, api), name.as_ref(), settings),
        Command::ReplaceApiPermissions {
            realm,
            api,
            permissions,
        } => {
            let (api, row) = existing(draft, *realm, api)?;
            replace_permissions(draft, (&api, &row.id), permissions)
        }
        Command::DeleteApi { realm, api } => delete(draft, *realm, api),
        _ => Err(Rejection::NotInBatch.into()),
    }
}

struct NewApi<'a> {
    realm: Realm,
    id: &'a str,
    identifier: &'a str,
    name: Option<&'a String>,
    settings: &'a Settings,
}

fn create(
    draft: &mut Draft<'_>,
    api: &NewApi<'_>,
    permissions: Option<&[PermissionSpec]>,
) -> Result<(), Stop> {
    let NewApi {
        realm,
        id,
        identifier,
        ..
    } = *api;
    if draft.api_identified(realm, identifier)?.is_some() || draft.api(realm, id)?.is_some() {
        return Err(Rejection::ApiExists {
            identifier: identifier.to_owned(),
        }
        .into());
    }
    let key = mint(draft, NamespaceKey::minted)?;
    draft.emit(Fact::ApiCreated {
        key,
        realm,
        id: id.to_owned(),
        identifier: identifier.to_owned(),
        name: api.name.cloned(),
        settings: api.settings.clone(),
    })?;
    let limit = policy::of(realm).limit(Limited::Apis);
    if draft.exceeds(CountKey::Apis(realm), limit, || Counted::Apis(realm))? {
        return Err(Rejection::TooMany {
            what: Limited::Apis,
            limit,
        }
        .into());
    }
    match permissions {
        None => Ok(()),
        Some(permissions) => {
            let api = ApiName {
                key,
                realm,
                identifier: identifier.to_owned(),
            };
            replace_permissions(draft, (&api, id), permissions)
        }
    }
}

fn update(
    draft: &mut Draft<'_>,
    (realm, handle): (Realm, &str),
    name: Option<&String>,
    settings: &[(String, Option<JsonText>)],
) -> Result<(), Stop> {
    let (api, row) = existing(draft, realm, handle)?;
    if let Some(name) = name.filter(|name| row.name.as_ref() != Some(name)) {
        let (before, after) = (row.name.clone(), Some(name.clone()));
        draft.emit(Fact::ApiRenamed {
            api: api.clone(),
            before,
            after,
        })?;
    }
    for (setting, before, after) in differences(&row.settings, settings)? {
        draft.emit(Fact::ApiSettingChanged {
            api: api.clone(),
            setting,
            before,
            after,
        })?;
    }
    Ok(())
}

/// What setting these fields changes, by name. Of a field that is named twice the last counts.
pub(super) fn differences(
    now: &Settings,
    wanted: &[(String, Option<JsonText>)],
) -> Result<Vec<Difference>, Rejection> {
    let wanted: BTreeMap<&String, &Option<JsonText>> =
        wanted.iter().map(|(field, value)| (field, value)).collect();
    let differences: Vec<Difference> = wanted
        .into_iter()
        .map(|(field, after)| (field.clone(), now.get(field).cloned(), after.clone()))
        .filter(|(_, before, after)| before != after)
        .collect();
    let size_now: usize = now
        .iter()
        .map(|(field, value)| text::size(field, Some(value)))
        .sum();
    let sum = |size: fn(&Difference) -> usize| differences.iter().map(size).sum::<usize>();
    let gone = sum(|(field, before, _)| text::size(field, before.as_ref()));
    let come = sum(|(field, _, after)| text::size(field, after.as_ref()));
    text::fit(size_now, size_now.saturating_sub(gone).saturating_add(come))?;
    Ok(differences)
}

/// A field with its value before and after.
type Difference = (String, Option<JsonText>, Option<JsonText>);

fn delete(draft: &mut Draft<'_>, realm: Realm, handle: &str) -> Result<(), Stop> {
    if draft.api(realm, handle)?.is_none()
        && policy::of(realm).delete_missing_api == Absent::Unchanged
    {
        return Ok(());
    }
    let (api, row) = existing(draft, realm, handle)?;
    draft.emit(Fact::ApiDeleted {
        api,
        id: row.id,
        name: row.name,
    })?;
    Ok(())
}

/// Makes the list exactly this one: what is gone is removed, what is new defined, what stays is
/// described anew where its description differs, and the order is the one sent.
fn replace_permissions(
    draft: &mut Draft<'_>,
    (api, id): (&ApiName, &str),
    wanted: &[PermissionSpec],
) -> Result<(), Stop> {
    check_list(api.realm, wanted)?;
    // SUBTLE: asked for by its id, since its identifier may be another API's id.
    let missing = || Key::api_permissions(api.realm, id);
    let now: BTreeMap<String, (PermissionKey, Permission)> = draft
        .permissions_of(api.key, missing)?
        .into_iter()
        .map(|(key, row)| (row.name.clone(), (key, row.clone())))
        .collect();
    let declared = draft
        .api_identified(api.realm, &api.identifier)?
        .is_some_and(|(_, slot)| slot.row.declared);
    if !declared {
        draft.emit(Fact::ApiPermissionsDeclared { api: api.clone() })?;
    }
    remove_others(draft, api, &now, wanted)?;
    let mut ordinal = now
        .values()
        .map(|(_, row)| row.ordinal.saturating_add(1))
        .max()
        .unwrap_or(0);
    let mut keys = Vec::with_capacity(wanted.len());
    for spec in wanted {
        let key = if let Some((key, row)) = now.get(&spec.name) {
            describe(draft, api, (*key, row), spec)?;
            *key
        } else {
            let key = define(draft, api, spec, ordinal)?;
            ordinal = ordinal.saturating_add(1);
            key
        };
        keys.push(key);
    }
    let before: Vec<PermissionKey> = draft
        .permissions_of(api.key, missing)?
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    if before != keys {
        let api = api.clone();
        draft.emit(Fact::ApiPermissionsReordered {
            api,
            before,
            after: keys,
        })?;
    }
    Ok(())
}

/// Refuses a list that is wrong whatever the API: a name that is reserved, or stands there twice.
pub(super) fn check_names(realm: Realm, wanted: &[PermissionSpec]) -> Result<(), Rejection> {
    let policy = policy::of(realm);
    let mut names = BTreeSet::new();
    for spec in wanted {
        if policy.reserved_permissions.contains(&spec.name.as_str()) {
            return Err(Rejection::PermissionReserved {
                name: spec.name.clone(),
            });
        }
        if !names.insert(&spec.name) {
            return Err(Rejection::PermissionTwice {
                name: spec.name.clone(),
            });
        }
    }
    Ok(())
}

fn check_list(realm: Realm, wanted: &[PermissionSpec]) -> Result<(), Rejection> {
    check_names(realm, wanted)?;
    let limit = policy::of(realm).limit(Limited::ApiPermissions);
    if u32::try_from(wanted.len()).is_ok_and(|wanted| wanted <= limit) {
        Ok(())
    } else {
        Err(Rejection::TooMany {
            what: Limited::ApiPermissions,
            limit,
        })
    }
}

fn remove_others(
    draft: &mut Draft<'_>,
    api: &ApiName,
    now: &BTreeMap<String, (PermissionKey, Permission)>,
    wanted: &[PermissionSpec],
) -> Result<(), Stop> {
    let kept: BTreeSet<&String> = wanted.iter().map(|spec| &spec.name).collect();
    for (name, (key, row)) in now.iter().filter(|(name, _)| !kept.contains(name)) {
        draft.emit(Fact::PermissionRemoved {
            permission: permission_name(api, *key, name),
            namespace: api.key,
            description: row.description.clone(),
            category: row.category.clone(),
        })?;
    }
    Ok(())
}

fn describe(
    draft: &mut Draft<'_>,
    api: &ApiName,
    (key, row): (PermissionKey, &Permission),
    spec: &PermissionSpec,
) -> Result<(), Stop> {
    if row.description != spec.description {
        draft.emit(Fact::PermissionDescribed {
            permission: permission_name(api, key, &spec.name),
            before: row.description.clone(),
            after: spec.description.clone(),
        })?;
    }
    Ok(())
}

fn define(
    draft: &mut Draft<'_>,
    api: &ApiName,
    spec: &PermissionSpec,
    ordinal: u32,
) -> Result<PermissionKey, Stop> {
    let key = mint(draft, PermissionKey::minted)?;
    draft.emit(Fact::PermissionDefined {
        permission: permission_name(api, key, &spec.name),
        namespace: api.key,
        description: spec.description.clone(),
        ordinal,
        category: None,
    })?;
    Ok(key)
}

fn permission_name(api: &ApiName, key: PermissionKey, name: &str) -> PermissionName {
    PermissionName {
        key,
        realm: api.realm,
        api: api.identifier.clone(),
        name: name.to_owned(),
        id: None,
    }
}

fn existing(draft: &Draft<'_>, realm: Realm, handle: &str) -> Result<(ApiName, Namespace), Stop> {
    let Some((key, slot)) = draft.api(realm, handle)? else {
        return Err(Rejection::NoSuchApi {
            api: handle.to_owned(),
        }
        .into());
    };
    if slot.row.system {
        return Err(Rejection::ApiIsSystem {
            api: slot.row.identifier.clone(),
        }
        .into());
    }
    let api = ApiName {
        key,
        realm,
        identifier: slot.row.identifier.clone(),
    };
    Ok((api, slot.row.clone()))
}

/// The key of the next noun of this entry.
pub(super) fn mint<K>(
    draft: &mut Draft<'_>,
    minted: fn(crate::TenantSeq, u32) -> Option<K>,
) -> Result<K, Stop> {
    let n = draft.mint();
    let too_many = Rejection::TooMany {
        what: Limited::Items,
        limit: crate::NOUNS_PER_COMMAND_MAX,
    };
    minted(draft.at(), n).ok_or(Stop::Rejected(too_many))
}
