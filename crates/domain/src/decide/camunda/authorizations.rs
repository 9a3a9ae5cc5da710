//! Rules for authorizations.

use super::super::apis::mint;
use super::super::{Stop, text};
use super::rights::{Place, require, require_shown};
use crate::policy::camunda::{
    self, ANY, ID_CHARS_MAX, NAME_CHARS_MAX, Right, permission_bits, resource,
};
use crate::state::Draft;
use crate::{
    Authorization, AuthorizationKey, AuthorizationKind, AuthorizationName, AuthorizationProblem,
    AuthorizationTerms, Command, Fact, Holder, NounKind, Rejection, TextProblem,
};

/// What a command says of an authorization.
#[derive(Debug, Clone, Copy)]
struct Said<'a> {
    user: Option<&'a String>,
    group: Option<&'a String>,
    resource_type: Option<i32>,
    resource_id: Option<&'a String>,
    permissions: Option<&'a Vec<String>>,
}

/// What it comes to, if that is an authorization: the bits by name, before they are stored.
#[derive(Debug)]
struct Shape {
    holder: Holder,
    resource_type: Option<i32>,
    named: Option<Vec<u32>>,
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "decide::one names every command"
)]
pub(super) fn decide(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreateAuthorization { by, id, kind, .. } => {
            let place = on_authorizations(None);
            require(draft, by.as_ref(), Right::Create, place)?;
            create(draft, id, *kind, said(command))
        }
        Command::UpdateAuthorization {
            by, authorization, ..
        } => update(draft, by.as_ref(), authorization, said(command)),
        Command::DeleteAuthorization { by, authorization } => {
            delete(draft, by.as_ref(), authorization)
        }
        _ => Err(Rejection::NotInBatch.into()),
    }
}

/// What is wrong with a command whatever the state.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other command names what it removes, and no more"
)]
pub(super) fn malformed(command: &Command) -> Result<(), Rejection> {
    let said = said(command);
    match command {
        Command::CreateAuthorization { id, kind, .. } => {
            let kind = kind_of(*kind)?;
            of_global(kind, said)?;
            shape(said, true)?;
            valid_id(id)?;
            lengths(Some(id), said)
        }
        Command::UpdateAuthorization { .. } => {
            shape(said, false)?;
            lengths(None, said)
        }
        _ => Ok(()),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other command names what it removes, and no more"
)]
fn said(command: &Command) -> Said<'_> {
    match command {
        Command::CreateAuthorization {
            user,
            group,
            resource_type,
            resource_id,
            permissions,
            ..
        }
        | Command::UpdateAuthorization {
            user,
            group,
            resource_type,
            resource_id,
            permissions,
            ..
        } => Said {
            user: user.as_ref(),
            group: group.as_ref(),
            resource_type: *resource_type,
            resource_id: resource_id.as_ref(),
            permissions: permissions.as_ref(),
        },
        _ => Said {
            user: None,
            group: None,
            resource_type: None,
            resource_id: None,
            permissions: None,
        },
    }
}

fn create(draft: &mut Draft<'_>, id: &str, kind: i32, said: Said<'_>) -> Result<(), Stop> {
    let kind = kind_of(kind)?;
    of_global(kind, said)?;
    let shape = shape(said, true)?;
    valid_id(id)?;
    lengths(Some(id), said)?;
    if draft.authorization(id)?.is_some() {
        return Err(exists(id));
    }
    let named = shape.named.unwrap_or_default();
    let terms = AuthorizationTerms {
        holder: shape.holder,
        resource_type: shape.resource_type.unwrap_or_default(),
        resource_id: said.resource_id.cloned(),
        permissions: camunda::stored_bits(kind, named),
    };
    insert(draft, Some(id.to_owned()), kind, terms)
}

/// Makes an authorization; without an id, its key in decimal digits is it.
pub(super) fn insert(
    draft: &mut Draft<'_>,
    id: Option<String>,
    kind: AuthorizationKind,
    terms: AuthorizationTerms,
) -> Result<(), Stop> {
    refuse_twins(draft, kind, &terms, None)?;
    let key = mint(draft, AuthorizationKey::minted)?;
    // No other has those digits: ids that callers choose are not of digits alone.
    let id = id.unwrap_or_else(|| key.to_string());
    let authorization = Authorization { id, kind, terms };
    draft.emit(Fact::AuthorizationCreated { key, authorization })?;
    Ok(())
}

fn update(
    draft: &mut Draft<'_>,
    by: Option<&String>,
    id: &str,
    said: Said<'_>,
) -> Result<(), Stop> {
    let (name, row) = readable(draft, by, id)?;
    of_global(row.kind, said)?;
    let shape = shape(said, false)?;
    require(draft, by, Right::Update, on_authorizations(Some(id)))?;
    lengths(None, said)?;
    let before = row.terms;
    let after = AuthorizationTerms {
        holder: shape.holder,
        resource_type: shape.resource_type.unwrap_or(before.resource_type),
        resource_id: said.resource_id.cloned(),
        permissions: shape.named.map_or(before.permissions, |named| {
            camunda::stored_bits(row.kind, named)
        }),
    };
    if after == before {
        return Ok(());
    }
    refuse_twins(draft, row.kind, &after, Some(name.key))?;
    draft.emit(Fact::AuthorizationChanged {
        authorization: name,
        kind: row.kind,
        before,
        after,
    })?;
    Ok(())
}

fn delete(draft: &mut Draft<'_>, by: Option<&String>, id: &str) -> Result<(), Stop> {
    let (name, row) = readable(draft, by, id)?;
    require(draft, by, Right::Delete, on_authorizations(Some(id)))?;
    remove(draft, name.key, row)?;
    remove_on(draft, resource::AUTHORIZATION, id)
}

/// Removes every authorization on a resource that is no more.
pub(super) fn remove_on(
    draft: &mut Draft<'_>,
    resource_type: i32,
    resource_id: &str,
) -> Result<(), Stop> {
    for (key, row) in draft.authorizations_on(resource_type, resource_id)? {
        remove(draft, key, row)?;
    }
    Ok(())
}

/// Removes the authorizations of a holder on a resource.
pub(super) fn remove_of(
    draft: &mut Draft<'_>,
    holder: &Holder,
    resource_type: i32,
    resource_id: &str,
) -> Result<(), Stop> {
    for kind in AuthorizationKind::ALL {
        let found = draft.authorization_of(kind, holder, resource_type, resource_id)?;
        if let Some((key, row)) = found.map(|(key, slot)| (key, slot.row.clone())) {
            remove(draft, key, row)?;
        }
    }
    Ok(())
}

fn remove(draft: &mut Draft<'_>, key: AuthorizationKey, row: Authorization) -> Result<(), Stop> {
    let Authorization { id, kind, terms } = row;
    draft.emit(Fact::AuthorizationDeleted {
        authorization: AuthorizationName { key, id },
        kind,
        terms,
    })?;
    Ok(())
}

/// The authorization of this id, if the caller may know that it exists.
fn readable(
    draft: &Draft<'_>,
    by: Option<&String>,
    id: &str,
) -> Result<(AuthorizationName, Authorization), Stop> {
    let found = draft.authorization(id)?;
    let Some((key, row)) = found.map(|(key, slot)| (key, slot.row.clone())) else {
        return Err(Rejection::NoSuchAuthorization {
            authorization: id.to_owned(),
        }
        .into());
    };
    require_shown(draft, by, on_authorizations(Some(id)))?;
    let id = id.to_owned();
    Ok((AuthorizationName { key, id }, row))
}

fn on_authorizations(resource_id: Option<&str>) -> Place<'_> {
    Place {
        resource_type: resource::AUTHORIZATION,
        resource_id,
    }
}

fn kind_of(kind: i32) -> Result<AuthorizationKind, Rejection> {
    AuthorizationKind::from_number(kind)
        .ok_or_else(|| bad(AuthorizationProblem::UnknownKind { kind }))
}

/// A global authorization is everybody's.
fn of_global(kind: AuthorizationKind, said: Said<'_>) -> Result<(), Rejection> {
    if kind != AuthorizationKind::Global {
        return Ok(());
    }
    if said.group.is_some() {
        return Err(bad(AuthorizationProblem::GroupOfGlobal));
    }
    match said.user {
        Some(user) if user != ANY => Err(bad(AuthorizationProblem::UserOfGlobal {
            user: user.clone(),
        })),
        Some(_) | None => Ok(()),
    }
}

/// What a command says, if it is an authorization: all of it if `whole`, else what changes.
fn shape(said: Said<'_>, whole: bool) -> Result<Shape, Rejection> {
    if said.resource_type.is_none() && (whole || said.permissions.is_some()) {
        return Err(bad(AuthorizationProblem::NoResourceType));
    }
    if whole && said.permissions.is_none() {
        return Err(bad(AuthorizationProblem::NoPermissions));
    }
    let (permissions, number) = (said.permissions, said.resource_type.unwrap_or_default());
    let bits = |name: &String| {
        permission_bits(number, name).ok_or_else(|| {
            bad(AuthorizationProblem::UnknownPermission {
                permission: name.clone(),
                resource_type: number,
            })
        })
    };
    let named: Option<Vec<u32>> = permissions
        .map(|names| names.iter().map(bits).collect())
        .transpose()?;
    let holder = match (said.user, said.group) {
        (Some(user), None) => Holder::user(user),
        (None, Some(group)) => Holder::group(group),
        (Some(_), Some(_)) | (None, None) => return Err(bad(AuthorizationProblem::NotOneHolder)),
    };
    let elsewhere = permissions
        .into_iter()
        .flatten()
        .find(|name| !camunda::is_valid(number, name));
    if let Some(name) = elsewhere {
        return Err(bad(AuthorizationProblem::PermissionElsewhere {
            permission: name.clone(),
            resource_type: number,
        }));
    }
    Ok(Shape {
        holder,
        resource_type: said.resource_type,
        named,
    })
}

/// Digits alone are for those that the ledger makes by itself.
fn valid_id(id: &str) -> Result<(), Rejection> {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let (kind, id) = (NounKind::Authorization, id.to_owned());
        return Err(Rejection::InvalidId { kind, id });
    }
    Ok(())
}

fn lengths(id: Option<&str>, said: Said<'_>) -> Result<(), Rejection> {
    fits("id", id, ID_CHARS_MAX)?;
    let limited = [
        ("user", said.user),
        ("group", said.group),
        ("resource_id", said.resource_id),
    ];
    limited
        .into_iter()
        .try_for_each(|(field, value)| fits(field, value.map(String::as_str), NAME_CHARS_MAX))
}

/// Refuses a text of more characters than the engine's column holds.
pub(super) fn fits(field: &str, value: Option<&str>, chars_max: usize) -> Result<(), Rejection> {
    if value.is_none_or(|value| value.chars().count() <= chars_max) {
        return Ok(());
    }
    let limit_bytes = u32::try_from(chars_max).unwrap_or(u32::MAX);
    Err(text::bad(field, TextProblem::TooLong { limit_bytes }))
}

/// One of a kind for a holder on a resource. On no resource there may be any number.
fn refuse_twins(
    draft: &Draft<'_>,
    kind: AuthorizationKind,
    terms: &AuthorizationTerms,
    but: Option<AuthorizationKey>,
) -> Result<(), Stop> {
    let Some(id) = &terms.resource_id else {
        return Ok(());
    };
    match draft.authorization_of(kind, &terms.holder, terms.resource_type, id)? {
        Some((key, slot)) if Some(key) != but => Err(exists(&slot.row.id)),
        Some(_) | None => Ok(()),
    }
}

fn exists(id: &str) -> Stop {
    let authorization = id.to_owned();
    Rejection::AuthorizationExists { authorization }.into()
}

fn bad(problem: AuthorizationProblem) -> Rejection {
    Rejection::BadAuthorization { problem }
}
