//! `/auth/admin/api/roles`, with tenancy off: every role is a global one.

mod write;

use axum::http::StatusCode;
use writ_store::reads::NestRole;

pub(crate) use write::{create, delete, update};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::js::{locale_compare, quoted};
use crate::permissions::time;
use crate::request::Ask;
use crate::router::Shared;
use crate::validate::uuid;

/// `GET /`: of a tenant, of which there is none, the host's own roles alone.
pub(crate) async fn list(shared: &Shared, ask: &Ask) -> Result<Answer, Failure> {
    let stumbled = |what: &str| {
        let message = format!("{what} cannot be read");
        Failure::stumbled(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", message)
    };
    let tenant = ask.query.get("tenantId");
    if tenant
        .as_deref()
        .is_some_and(|tenant| uuid(tenant).is_none())
    {
        return Err(stumbled("tenantId"));
    }
    let guard = ask.query.get("guard");
    if guard.as_ref().is_some_and(|guard| guard.contains('\0')) {
        return Err(stumbled("guard"));
    }
    let found = shared
        .state
        .store
        .nest_roles(&shared.state.tenant, guard.as_deref(), tenant.is_some())
        .await?;
    let items: Vec<String> = found.into_iter().map(rendered).collect();
    Ok(Answer::ok(format!("{{\"data\":[{}]}}", items.join(","))))
}

/// A role, in the product's order of fields.
fn rendered(mut role: NestRole) -> String {
    locale_compare(&mut role.permissions);
    let permissions: Vec<String> = role.permissions.iter().map(|name| quoted(name)).collect();
    format!(
        "{{\"id\":{},\"name\":{},\"guard\":{},\"isSystem\":{},\"isActive\":{},\"tenantId\":null,\
         \"permissions\":[{}],\"createdAt\":\"{}\",\"updatedAt\":\"{}\"}}",
        quoted(&role.id),
        quoted(&role.name),
        quoted(&role.guard),
        role.system,
        role.active,
        permissions.join(","),
        time(role.created_at),
        time(role.updated_at),
    )
}

fn wrapped(role: NestRole) -> String {
    format!("{{\"role\":{}}}", rendered(role))
}
