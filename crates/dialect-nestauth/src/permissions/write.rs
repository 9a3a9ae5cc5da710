//! What changes a permission.

use axum::http::StatusCode;
use writ_domain::{Command, Expected, Realm, Rejection, TenantSeq, TextProblem};
use writ_http::provenance::IfMatch;
use writ_http::{Provenance, Revision};
use writ_store::reads::{NestAdmin, NestPermission};

use super::{Texts, no_uuid, rendered_with, wrapped};
use crate::answer::{Answer, entity_tag};
use crate::failure::Failure;
use crate::js::{Text, quoted};
use crate::request::Ask;
use crate::router::Shared;
use crate::validate::{self, Maybe};
use crate::write::{NoCommand, Who, Written, submit};

const REALM: Realm = Realm::NestAuth;

/// `POST /`.
pub(crate) async fn create(
    shared: &Shared,
    ask: &Ask,
    admin: &NestAdmin,
) -> Result<Answer, Failure> {
    let raw = validate::name(validate::sent(&ask.body, "name"))?;
    let guard = validate::text(&ask.body, "guard")?.sent();
    let trimmed = |text: Maybe<Text>| text.sent().map(|text| text.trimmed());
    let description = trimmed(validate::text(&ask.body, "description")?);
    let category = trimmed(validate::text(&ask.body, "category")?);
    let guards = shared.state.store.nest_guards(&shared.state.tenant).await?;
    let first = || guards.first().map(|guard| Text::from(guard.as_str()));
    let guard = guard.or_else(first).unwrap_or_default();
    if !guards.contains(&guard.stored()) {
        return Err(Failure::guard_not_allowed(&guard, &guards));
    }
    let name = raw.trimmed();
    let command = Command::CreatePermission {
        realm: REALM,
        id: shared.new_id(),
        api: guard.stored(),
        name: name.stored(),
        description: description.as_ref().map(Text::stored),
        category: category.as_ref().map(Text::stored),
    };
    // The conflict names what was sent, not what would have been kept.
    let words = |rejection: &Rejection| match rejection {
        Rejection::PermissionExists { .. } => Some(Failure::permission_exists(&raw, &guard)),
        Rejection::NoSuchApi { .. } => Some(Failure::guard_not_allowed(&guard, &guards)),
        _ => None,
    };
    let written = submit(shared, ask, Who::from(admin), (command, None), words).await?;
    let Command::CreatePermission { id, .. } = written.command()? else {
        return Err(Failure::internal(&NoCommand));
    };
    let made = after(shared, id, &written).await?;
    let sent = [Some(&name), description.as_ref(), category.as_ref()];
    Ok(Answer::created(echoed(&made, sent)).at(written.revision))
}

/// `PATCH /{id}`.
///
/// In the product's order: what is wrong with the body, then whether the permission is there, then
/// a blank name, then whether the name is taken. The rules follow the same order.
pub(crate) async fn update(
    shared: &Shared,
    ask: &Ask,
    (admin, sent): (&NestAdmin, &str),
) -> Result<Answer, Failure> {
    validate::object(&ask.body)?;
    let raw = match validate::sent(&ask.body, "name") {
        None => Maybe::Absent,
        Some(crate::js::Value::Null) => Maybe::Null,
        value => Maybe::Sent(validate::name(value)?),
    };
    let category = cleared(validate::text(&ask.body, "category")?);
    let description = cleared(validate::text(&ask.body, "description")?);
    let kept = |text: &Option<Text>| text.as_ref().map(Text::stored);
    let Some(id) = validate::uuid(sent) else {
        return Err(no_uuid(sent));
    };
    let name = match &raw {
        Maybe::Absent => None,
        // Taken for a blank one once the permission is known to be there.
        Maybe::Null => Some(Text::default()),
        Maybe::Sent(text) => Some(text.trimmed()),
    };
    if name.as_ref().is_some_and(Text::is_empty) {
        let store = &shared.state.store;
        let there = store.nest_permission(&shared.state.tenant, &id).await?;
        if there.is_some() {
            return Err(no_name(&raw));
        }
    }
    let command = Command::UpdatePermission {
        realm: REALM,
        permission: id.clone(),
        name: kept(&name),
        description: kept(&description),
        category: kept(&category),
    };
    let expected = expected(shared, ask, &id).await?;
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchPermissionId { .. } => Some(Failure::no_permission(sent)),
        Rejection::PermissionExists { api, .. } => {
            let name = name.clone().unwrap_or_default();
            Some(Failure::permission_exists(&name, &Text::from(api.as_str())))
        }
        Rejection::BadText {
            field,
            problem: TextProblem::Empty,
        } if field == "name" => Some(no_name(&raw)),
        _ => None,
    };
    let written = submit(shared, ask, Who::from(admin), (command, expected), words).await?;
    let now = after(shared, &id, &written).await?;
    let sent = [name.as_ref(), description.as_ref(), category.as_ref()];
    Ok(Answer::ok(echoed(&now, sent)).at(written.revision))
}

/// `DELETE /{id}`.
pub(crate) async fn delete(
    shared: &Shared,
    ask: &Ask,
    (admin, sent): (&NestAdmin, &str),
) -> Result<Answer, Failure> {
    let Some(permission) = validate::uuid(sent) else {
        return Err(no_uuid(sent));
    };
    let expected = expected(shared, ask, &permission).await?;
    let realm = REALM;
    let command = Command::DeletePermission { realm, permission };
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchPermissionId { .. } => Some(Failure::no_permission(sent)),
        _ => None,
    };
    let written = submit(shared, ask, Who::from(admin), (command, expected), words).await?;
    let body = r#"{"message":"Permission deleted successfully"}"#;
    Ok(Answer::ok(body.to_owned()).at(written.revision))
}

/// What is blank, or `null`, is to be nothing.
fn cleared(text: Maybe<Text>) -> Option<Text> {
    match text {
        Maybe::Absent => None,
        Maybe::Null => Some(Text::default()),
        Maybe::Sent(text) => Some(text.trimmed()),
    }
}

/// A permission as a write shows it: half a surrogate pair is echoed, and reads back as U+FFFD.
fn echoed(made: &NestPermission, sent: [Option<&Text>; 3]) -> String {
    let [name, description, category] = sent;
    // A request that is sent again may have been answered by a command of another spelling.
    let text = |kept: Option<&str>, sent: Option<&Text>| match (kept, sent) {
        (Some(kept), Some(sent)) if sent.stored() == kept => sent.quoted(),
        (Some(kept), _) => quoted(kept),
        (None, _) => "null".to_owned(),
    };
    let texts = Texts {
        name: text(Some(&made.name), name),
        description: text(made.description.as_deref(), description),
        category: text(made.category.as_deref(), category),
    };
    format!("{{\"permission\":{}}}", rendered_with(made, &texts))
}

/// A name that is blank; at `null` the product fails.
fn no_name(raw: &Maybe<Text>) -> Failure {
    let message = "Permission name is required";
    match raw {
        Maybe::Null => {
            Failure::stumbled(StatusCode::BAD_REQUEST, "PERMISSION_NAME_REQUIRED", message)
        }
        Maybe::Absent | Maybe::Sent(_) => {
            Failure::worded(StatusCode::BAD_REQUEST, message).or_code("PERMISSION_NAME_REQUIRED")
        }
    }
}

/// The permission as the entry left it.
async fn after(shared: &Shared, id: &str, written: &Written) -> Result<NestPermission, Failure> {
    let at = written.entry.tenant_seq;
    let store = &shared.state.store;
    let found = store
        .nest_permission_at(&shared.state.tenant, id, at)
        .await?;
    found.ok_or_else(|| Failure::internal(&NoCommand))
}

/// What `If-Match` says: the tag of the permission's own page, as of the newest entry.
///
/// A tag that is another one is decided too, so that the refusal is on record: nothing was last
/// changed at entry 0.
async fn expected(shared: &Shared, ask: &Ask, id: &str) -> Result<Option<Expected>, Failure> {
    let provenance = Provenance::from_headers(&ask.headers)
        .map_err(|error| Failure::header(error.to_string()))?;
    let Some(IfMatch::Tags(tags)) = provenance.if_match else {
        return Ok(None);
    };
    let Revision { tenant_seq, .. } = shared.head().await?;
    let store = &shared.state.store;
    let now = store
        .nest_permission_at(&shared.state.tenant, id, tenant_seq)
        .await?;
    let Some(now) = now else {
        return Ok(None);
    };
    let tag = entity_tag(&wrapped(&now));
    let holds = tags.iter().any(|one| tag == format!("W/\"{}\"", one.tag));
    Ok(Some(if holds {
        Expected::UnchangedSince(tenant_seq)
    } else {
        Expected::ChangedAt(TenantSeq::ZERO)
    }))
}
