//! `/auth/admin/api/permissions`.

mod list;
mod write;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use writ_store::reads::NestPermission;

pub(crate) use list::{categories, guards, list, search};
pub(crate) use write::{create, delete, update};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::js::quoted;
use crate::router::Shared;
use crate::validate::uuid;

/// `GET /{id}`: what is no UUID is merely not there.
pub(crate) async fn get(shared: &Shared, id: &str) -> Result<Answer, Failure> {
    let Some(uuid) = uuid(id) else {
        let failure = Failure::worded(StatusCode::NOT_FOUND, "Permission not found");
        return Err(failure.or_code("PERMISSION_NOT_FOUND"));
    };
    let found = shared
        .state
        .store
        .nest_permission(&shared.state.tenant, &uuid)
        .await?;
    match found {
        Some(permission) => Ok(Answer::ok(wrapped(&permission))),
        None => Err(Failure::no_permission(id)),
    }
}

/// An id that names nothing, at which PATCH and DELETE fail.
fn no_uuid(id: &str) -> Failure {
    Failure::stumbled(
        StatusCode::NOT_FOUND,
        "PERMISSION_NOT_FOUND",
        format!("Permission with id {id} not found"),
    )
}

fn wrapped(permission: &NestPermission) -> String {
    format!("{{\"permission\":{}}}", rendered(permission))
}

/// A permission, in the product's order of fields.
fn rendered(permission: &NestPermission) -> String {
    let maybe = |text: &Option<String>| text.as_deref().map_or_else(|| "null".to_owned(), quoted);
    let texts = Texts {
        name: quoted(&permission.name),
        description: maybe(&permission.description),
        category: maybe(&permission.category),
    };
    rendered_with(permission, &texts)
}

/// Texts as `JSON.stringify` writes them.
struct Texts {
    name: String,
    description: String,
    category: String,
}

fn rendered_with(permission: &NestPermission, texts: &Texts) -> String {
    format!(
        "{{\"id\":{},\"name\":{},\"guard\":{},\"description\":{},\"category\":{},\
         \"createdAt\":\"{}\",\"updatedAt\":\"{}\"}}",
        quoted(&permission.id),
        texts.name,
        quoted(&permission.guard),
        texts.description,
        texts.category,
        time(permission.created_at),
        time(permission.updated_at),
    )
}

/// An instant as `toISOString` writes it.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
