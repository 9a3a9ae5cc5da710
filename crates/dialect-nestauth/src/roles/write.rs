//! What changes a role.

use axum::http::StatusCode;
use writ_domain::{Command, Realm, Rejection};
use writ_store::reads::{NestAdmin, NestRole};

use super::wrapped;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::js::Text;
use crate::request::Ask;
use crate::router::Shared;
use crate::validate::{self, Maybe};
use crate::write::{NoCommand, Who, Written, submit};

const REALM: Realm = Realm::NestAuth;

/// `POST /`: the name, the guard, whether the name is taken, the permissions, in this order.
pub(crate) async fn create(
    shared: &Shared,
    ask: &Ask,
    admin: &NestAdmin,
) -> Result<Answer, Failure> {
    let body = &ask.body;
    let name = validate::needed(body, "name")?.trimmed();
    let guard = validate::needed(body, "guard")?;
    let tenant = validate::text(body, "tenantId")?.sent();
    let system = validate::truth(body, "isSystem")?.sent().unwrap_or(false);
    let active = validate::truth(body, "isActive")?.sent().unwrap_or(true);
    let permissions = names(validate::texts(body, "permissions")?.sent());
    if name.is_empty() {
        return Err(name_required());
    }
    let store = &shared.state.store;
    let guards = store.nest_guards(&shared.state.tenant).await?;
    if !guards.contains(&guard.stored()) {
        return Err(Failure::guard_not_allowed(&guard, &guards));
    }
    let guard = guard.stored();
    let tenant = tenant.map(|tenant| tenant.trimmed().stored());
    if let Some(tenant) = tenant.filter(|tenant| !tenant.is_empty() && !system) {
        return Err(no_tenant(shared, &tenant, (&name, &guard), &permissions).await?);
    }
    check_permissions(shared, (&name.stored(), &guard), &permissions).await?;
    let command = Command::CreateGuardedRole {
        realm: REALM,
        id: shared.new_id(),
        name: name.stored(),
        guard: guard.clone(),
        system,
        active,
        permissions,
    };
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchApi { .. } => {
            let guard = Text::from(guard.as_str());
            Some(Failure::guard_not_allowed(&guard, &guards))
        }
        other => of_role(other, (&name, &guard)),
    };
    let written = submit(shared, ask, Who::from(admin), (command, None), words).await?;
    let Command::CreateGuardedRole { id, .. } = written.command()? else {
        return Err(Failure::internal(&NoCommand));
    };
    let made = after(shared, id, &written).await?;
    Ok(Answer::created(wrapped(made)).at(written.revision))
}

/// `PATCH /{id}`.
pub(crate) async fn update(
    shared: &Shared,
    ask: &Ask,
    (admin, sent): (&NestAdmin, &str),
) -> Result<Answer, Failure> {
    validate::object(&ask.body)?;
    let name = validate::text(&ask.body, "name")?;
    let active = validate::truth(&ask.body, "isActive")?;
    let permissions = validate::texts(&ask.body, "permissions")?;
    if name == Maybe::Absent && active == Maybe::Absent && permissions == Maybe::Absent {
        return Err(Failure::invalid(
            "At least one field must be provided for update (name, isActive, or permissions)",
        ));
    }
    let Some(id) = validate::uuid(sent) else {
        return Err(no_uuid(sent));
    };
    let permissions = match permissions {
        Maybe::Absent => None,
        listed => Some(names(listed.sent())),
    };
    // What is refused without a trace is refused here; that the role is not there is on record.
    if let Some(role) = now(shared, &id).await? {
        check(shared, &role, (&name, &active), permissions.as_deref()).await?;
    }
    let name = name.sent().map(|name| name.trimmed());
    // A blank one is refused above, unless the role is not there.
    let wanted = name.as_ref().filter(|name| !name.is_empty());
    let command = Command::UpdateGuardedRole {
        realm: REALM,
        role: id.clone(),
        name: wanted.map(Text::stored),
        active: active.sent(),
        permissions,
    };
    let guard = now(shared, &id).await?.map(|role| role.guard);
    let (name, guard) = (name.unwrap_or_default(), guard.unwrap_or_default());
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchRole { .. } => Some(Failure::no_role(sent)),
        other => of_role(other, (&name, &guard)),
    };
    let written = submit(shared, ask, Who::from(admin), (command, None), words).await?;
    let saved = after(shared, &id, &written).await?;
    Ok(Answer::ok(wrapped(saved)).at(written.revision))
}

/// `DELETE /{id}`. The host's own roles are not protected.
pub(crate) async fn delete(
    shared: &Shared,
    ask: &Ask,
    (admin, sent): (&NestAdmin, &str),
) -> Result<Answer, Failure> {
    let Some(role) = validate::uuid(sent) else {
        return Err(no_uuid(sent));
    };
    let realm = REALM;
    let command = Command::DeleteRole { realm, role };
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchRole { .. } => Some(Failure::no_role(sent)),
        _ => None,
    };
    let written = submit(shared, ask, Who::from(admin), (command, None), words).await?;
    let body = r#"{"message":"Role removed"}"#;
    Ok(Answer::ok(body.to_owned()).at(written.revision))
}

/// The role as it is now.
async fn now(shared: &Shared, id: &str) -> Result<Option<NestRole>, Failure> {
    let head = shared.head().await?.tenant_seq;
    let store = &shared.state.store;
    Ok(store.nest_role_at(&shared.state.tenant, id, head).await?)
}

/// What is wrong with a change of a role that is there.
async fn check(
    shared: &Shared,
    role: &NestRole,
    (name, active): (&Maybe<Text>, &Maybe<bool>),
    permissions: Option<&[String]>,
) -> Result<(), Failure> {
    let wanted = match name {
        Maybe::Absent => role.name.clone(),
        Maybe::Null => {
            let message = "Role name is required";
            return Err(Failure::stumbled(
                StatusCode::BAD_REQUEST,
                "ROLE_NAME_REQUIRED",
                message,
            ));
        }
        Maybe::Sent(name) => name.trimmed().stored(),
    };
    if wanted.is_empty() {
        return Err(name_required());
    }
    if let Some(permissions) = permissions {
        let name = if wanted == role.name {
            ""
        } else {
            wanted.as_str()
        };
        check_permissions(shared, (name, &role.guard), permissions).await?;
    }
    // Saving is what fails at it: a name that is taken comes first, and is decided.
    let taken = wanted != role.name && is_taken(shared, &wanted, &role.guard).await?;
    if *active == Maybe::Null && !taken {
        let message = "isActive must be a boolean value";
        return Err(Failure::stumbled(
            StatusCode::BAD_REQUEST,
            "VALIDATION_FAILED",
            message,
        ));
    }
    Ok(())
}

/// Refuses permissions that the guard has not; that the name is taken comes first, and is decided.
async fn check_permissions(
    shared: &Shared,
    (name, guard): (&str, &str),
    permissions: &[String],
) -> Result<(), Failure> {
    let missing = missing(shared, guard, permissions).await?;
    if missing.is_empty() || is_taken(shared, name, guard).await? {
        return Ok(());
    }
    Err(Failure::no_permissions(guard, &missing))
}

/// Those of the permissions that the guard has not.
async fn missing(
    shared: &Shared,
    guard: &str,
    permissions: &[String],
) -> Result<Vec<String>, Failure> {
    if permissions.is_empty() || permissions.iter().any(|name| name.contains('\0')) {
        return Ok(Vec::new());
    }
    let store = &shared.state.store;
    let known = store
        .nest_known_names(&shared.state.tenant, guard, permissions)
        .await?;
    let missing = permissions.iter().filter(|name| !known.contains(name));
    Ok(missing.cloned().collect())
}

async fn is_taken(shared: &Shared, name: &str, guard: &str) -> Result<bool, Failure> {
    let store = &shared.state.store;
    let roles = store
        .nest_roles(&shared.state.tenant, Some(guard), false)
        .await?;
    Ok(roles.iter().any(|role| role.name == name))
}

/// A role of a tenant: there is none, and the product's database refuses the reference, after all
/// else has been looked at.
async fn no_tenant(
    shared: &Shared,
    tenant: &str,
    (name, guard): (&Text, &str),
    permissions: &[String],
) -> Result<Failure, Failure> {
    if validate::uuid(tenant).is_some() {
        if is_taken(shared, &name.stored(), guard).await? {
            let scope = format!("tenant '{tenant}'");
            return Ok(Failure::role_exists(name, guard, &scope));
        }
        let missing = missing(shared, guard, permissions).await?;
        if !missing.is_empty() {
            return Ok(Failure::no_permissions(guard, &missing));
        }
    }
    let status = StatusCode::BAD_REQUEST;
    Ok(Failure::stumbled(
        status,
        "TENANT_NOT_FOUND",
        "Tenant not found",
    ))
}

/// Names as the product takes them: without blanks, and each once.
fn names(sent: Option<Vec<Text>>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in sent.unwrap_or_default() {
        let name = text.trimmed().stored();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn of_role(rejection: &Rejection, (name, guard): (&Text, &str)) -> Option<Failure> {
    match rejection {
        Rejection::RoleExists { .. } => Some(Failure::role_exists(name, guard, "global scope")),
        Rejection::NoSuchPermissions { api, names } => Some(Failure::no_permissions(api, names)),
        _ => None,
    }
}

fn name_required() -> Failure {
    Failure::coded(
        StatusCode::BAD_REQUEST,
        "BadRequestException",
        "ROLE_NAME_REQUIRED",
        "Role name is required",
    )
}

/// An id that names nothing, at which the product fails.
fn no_uuid(id: &str) -> Failure {
    Failure::stumbled(
        StatusCode::NOT_FOUND,
        "ROLE_NOT_FOUND",
        format!("Role with ID {id} not found"),
    )
}

/// The role as the entry left it.
async fn after(shared: &Shared, id: &str, written: &Written) -> Result<NestRole, Failure> {
    let at = written.entry.tenant_seq;
    let store = &shared.state.store;
    let found = store.nest_role_at(&shared.state.tenant, id, at).await?;
    found.ok_or_else(|| Failure::internal(&NoCommand))
}
