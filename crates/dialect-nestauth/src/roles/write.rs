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
    let name = validate::needed(body, "name")?.trimmed().stored();
    let guard = validate::needed(body, "guard")?.stored();
    let tenant = validate::text(body, "tenantId")?.sent();
    let system = validate::truth(body, "isSystem")?.sent().unwrap_or(false);
    let active = validate::truth(body, "isActive")?.sent().unwrap_or(true);
    let permissions = names(validate::texts(body, "permissions")?.sent());
    if name.is_empty() {
        return Err(name_required());
    }
    let store = &shared.state.store;
    let guards = store.nest_guards(&shared.state.tenant).await?;
    if !guards.contains(&guard) {
        return Err(Failure::guard_not_allowed(&guard, &guards));
    }
    let tenant = tenant.map(|tenant| tenant.trimmed().stored());
    if tenant.is_some_and(|tenant| !tenant.is_empty() && !system) {
        // There is none: the product's database refuses the reference.
        let message = "Tenant not found";
        return Err(Failure::stumbled(
            StatusCode::BAD_REQUEST,
            "TENANT_NOT_FOUND",
            message,
        ));
    }
    check_permissions(shared, (&name, &guard), &permissions).await?;
    let command = Command::CreateGuardedRole {
        realm: REALM,
        id: shared.new_id(),
        name: name.clone(),
        guard: guard.clone(),
        system,
        active,
        permissions,
    };
    let words = |rejection: &Rejection| match rejection {
        Rejection::NoSuchApi { .. } => Some(Failure::guard_not_allowed(&guard, &guards)),
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
    let name = name.sent().map(|name| name.trimmed().stored());
    let command = Command::UpdateGuardedRole {
        realm: REALM,
        role: id.clone(),
        // A blank one is refused above, unless the role is not there.
        name: name.clone().filter(|name| !name.is_empty()),
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
    if *active == Maybe::Null {
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
    if permissions.is_empty() || permissions.iter().any(|name| name.contains('\0')) {
        return Ok(());
    }
    let store = &shared.state.store;
    let known = store
        .nest_known_names(&shared.state.tenant, guard, permissions)
        .await?;
    let missing: Vec<String> = permissions
        .iter()
        .filter(|name| !known.contains(name))
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let roles = store
        .nest_roles(&shared.state.tenant, Some(guard), false)
        .await?;
    if roles.iter().any(|role| role.name == name) {
        return Ok(());
    }
    Err(Failure::no_permissions(guard, &missing))
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

fn of_role(rejection: &Rejection, (name, guard): (&str, &str)) -> Option<Failure> {
    match rejection {
        Rejection::RoleExists { .. } => Some(Failure::role_exists(name, guard)),
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
