//! Each route.

use axum::http::StatusCode;
use serde_json::json;
use writ_http::document::{HttpMethod, Operation, Parameter};

use super::{CONSOLE, PERMISSIONS, ROLES, Told, shapes};
use crate::failure::Failure;
use crate::js::Text;

pub(super) fn all() -> Vec<Operation> {
    let mut all = console();
    all.extend(listed());
    all.extend(permission());
    all.extend(roles());
    all
}

fn told(method: HttpMethod, path: &'static str, id: &str, summary: &str) -> Told {
    let tag = match path.split('/').nth(4) {
        Some("permissions") => PERMISSIONS,
        Some("roles") => ROLES,
        _ => CONSOLE,
    };
    Told(Operation::new(method, path, format!("nestauth.{id}"), summary).tag(tag))
}

fn console() -> Vec<Operation> {
    let signup = told(
        HttpMethod::Post,
        "/auth/admin/signup",
        "signUp",
        "Make the first admin",
    )
    .takes("NestAuthSignup", shapes::signup())
    .shows(
        201,
        "NestAuthSigned",
        json!({ "message": "Admin user created successfully", "admin": shapes::admin() }),
    )
    .refuses("there is one already", &Failure::closed())
    .refuses("not the key", &Failure::wrong_key())
    .refuses("no address", &Failure::invalid("email must be an email"));
    let login = told(
        HttpMethod::Post,
        "/auth/admin/login",
        "logIn",
        "Begin a session",
    )
    .takes("NestAuthLogin", shapes::login())
    .shows(
        201,
        "NestAuthSigned",
        json!({ "message": "Signed in successfully", "admin": shapes::admin() }),
    )
    .refuses("wrong", &Failure::unauthorized("Invalid credentials"))
    .refuses("no address", &Failure::invalid("email must be an email"));
    let signup = attempted(signup);
    let login = Told(attempted(login).0.carries(201, &["Set-Cookie"]));
    let logout = told(
        HttpMethod::Post,
        "/auth/admin/logout",
        "logOut",
        "End every session",
    )
    .session()
    .writes()
    .shows(201, "NestAuthMessage", json!({ "message": "Signed out" }));
    let me = told(
        HttpMethod::Get,
        "/auth/admin/me",
        "getAdmin",
        "Show who is signed in",
    )
    .session()
    .shows(200, "NestAuthAdmin", shapes::admin());
    let config = told(
        HttpMethod::Get,
        "/auth/admin/config",
        "getConfig",
        "Say what the console's page asks before anybody signs in",
    )
    .shows(
        200,
        "NestAuthConfig",
        json!({ "allowAdminManagement": true }),
    );
    vec![
        signup.done(),
        login.done(),
        Told(logout.0.carries(201, &["Set-Cookie"])).done(),
        me.done(),
        config.done(),
    ]
}

/// Guessing is slowed.
fn attempted(told: Told) -> Told {
    let told = told.refuses("too often", &Failure::too_many_attempts(30));
    Told(told.0.carries(429, &["Retry-After"]))
}

const LIST: &str = "/auth/admin/api/permissions";

fn listed() -> Vec<Operation> {
    let permissions = json!({ "data": [shapes::permission()] });
    let guard = || Parameter::query("guard", "Of this guard.");
    let limit = || Parameter::query("limit", "How many at most.").integer();
    let list = told(HttpMethod::Get, LIST, "listPermissions", "List permissions")
        .session()
        .parameter(Parameter::query("search", "Part of a name or description."))
        .parameter(Parameter::query("category", "Of this category."))
        .parameter(guard())
        .parameter(limit())
        .shows(200, "NestAuthPermissions", permissions.clone())
        .refuses(
            "a parameter that cannot be read",
            &stumbled("search cannot be read"),
        );
    let path = "/auth/admin/api/permissions/search";
    let search = told(
        HttpMethod::Get,
        path,
        "searchPermissions",
        "Search permissions",
    )
    .session()
    .parameter(Parameter::query("q", "What to look for.").example("invoice"))
    .parameter(guard())
    .parameter(limit())
    .shows(200, "NestAuthPermissions", permissions)
    .refuses(
        "a parameter that cannot be read",
        &stumbled("limit cannot be read"),
    );
    let path = "/auth/admin/api/permissions/guards";
    let guards = told(
        HttpMethod::Get,
        path,
        "listGuards",
        "List guards that have permissions",
    )
    .session()
    .shows(200, "NestAuthNames", json!({ "data": ["web"] }));
    let path = "/auth/admin/api/permissions/categories";
    let categories = told(HttpMethod::Get, path, "listCategories", "List categories")
        .session()
        .shows(200, "NestAuthNames", json!({ "data": ["invoices"] }));
    let create = told(
        HttpMethod::Post,
        LIST,
        "createPermission",
        "Create a permission",
    )
    .session()
    .writes()
    .takes("NestAuthNewPermission", shapes::new_permission())
    .shows(201, "NestAuthPermissionWrapped", wrapped())
    .refuses("a guard that is not there", &no_guard())
    .refuses("a name that is none", &Failure::invalid(LONG))
    .refuses("it is taken", &permission_taken());
    vec![
        list.done(),
        guards.done(),
        search.done(),
        categories.done(),
        create.done(),
    ]
}

const LONG: &str = "name must be shorter than or equal to 255 characters";

fn permission_taken() -> Failure {
    Failure::permission_exists(&Text::from("invoice.read"), &Text::from("web"))
}

fn role_taken(name: &str) -> Failure {
    Failure::role_exists(&Text::from(name), "web", "global scope")
}

fn no_guard() -> Failure {
    Failure::guard_not_allowed(&Text::from("x"), &["web".to_owned(), "api".to_owned()])
}

fn stumbled(message: &str) -> Failure {
    Failure::stumbled(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", message)
}

fn wrapped() -> serde_json::Value {
    json!({ "permission": shapes::permission() })
}

fn permission() -> Vec<Operation> {
    const PATH: &str = "/auth/admin/api/permissions/{id}";
    let about = |method, id: &str, summary: &str| {
        told(method, PATH, id, summary)
            .session()
            .parameter(Parameter::path(
                "id",
                "The permission's id.",
                shapes::PERMISSION,
            ))
            .refuses("not there", &Failure::no_permission(shapes::PERMISSION))
    };
    let no_uuid = Failure::stumbled(
        StatusCode::NOT_FOUND,
        "PERMISSION_NOT_FOUND",
        "Permission with id nope not found",
    );
    let get = about(HttpMethod::Get, "getPermission", "Show a permission").shows(
        200,
        "NestAuthPermissionWrapped",
        wrapped(),
    );
    let update = about(HttpMethod::Patch, "updatePermission", "Change a permission")
        .writes()
        .takes(
            "NestAuthPermissionUpdate",
            json!({ "description": "See every invoice" }),
        )
        .shows(200, "NestAuthPermissionWrapped", wrapped())
        .refuses("no UUID", &no_uuid)
        .refuses("a name that is none", &Failure::invalid(LONG))
        .refuses("it is taken", &permission_taken())
        .refuses("it has changed", &stale());
    let delete = about(
        HttpMethod::Delete,
        "deletePermission",
        "Delete a permission",
    )
    .writes()
    .shows(
        200,
        "NestAuthMessage",
        json!({ "message": "Permission deleted successfully" }),
    )
    .refuses("no UUID", &no_uuid)
    .refuses("it has changed", &stale());
    let guarded = |told: Told| Told(told.0.headers(&["If-Match"])).done();
    vec![get.done(), guarded(update), guarded(delete)]
}

fn stale() -> Failure {
    let message = "The resource has changed since it was read";
    Failure::worded(StatusCode::PRECONDITION_FAILED, message).or_code("STALE")
}

fn roles() -> Vec<Operation> {
    const LIST: &str = "/auth/admin/api/roles";
    const PATH: &str = "/auth/admin/api/roles/{id}";
    let about = |method, id: &str, summary: &str| {
        told(method, PATH, id, summary)
            .session()
            .parameter(Parameter::path("id", "The role's id.", shapes::ROLE))
            .writes()
            .refuses("not there", &Failure::no_role(shapes::ROLE))
            .refuses(
                "no UUID",
                &Failure::stumbled(
                    StatusCode::NOT_FOUND,
                    "ROLE_NOT_FOUND",
                    "Role with ID nope not found",
                ),
            )
    };
    let list = told(HttpMethod::Get, LIST, "listRoles", "List roles")
        .session()
        .parameter(Parameter::query("guard", "Of this guard."))
        .parameter(Parameter::query(
            "tenantId",
            "A tenant's: there is none, so the product's own roles alone are shown.",
        ))
        .shows(200, "NestAuthRoles", json!({ "data": [shapes::role()] }))
        .refuses(
            "a parameter that cannot be read",
            &stumbled("tenantId cannot be read"),
        );
    let create = told(HttpMethod::Post, LIST, "createRole", "Create a role")
        .session()
        .writes()
        .takes("NestAuthNewRole", shapes::new_role())
        .shows(
            201,
            "NestAuthRoleWrapped",
            json!({ "role": shapes::role() }),
        )
        .refuses("a guard that is not there", &no_guard())
        .refuses("it is taken", &role_taken("accountant"))
        .refuses("a permission that is not there", &no_permissions());
    let update = about(
        HttpMethod::Patch,
        "updateRole",
        "Change a role, or replace its permissions",
    )
    .takes("NestAuthRoleUpdate", json!({ "name": "accountants" }))
    .shows(
        200,
        "NestAuthRoleWrapped",
        json!({ "role": shapes::role() }),
    )
    .refuses("it is taken", &role_taken("accountants"))
    .refuses("a permission that is not there", &no_permissions());
    let delete = about(HttpMethod::Delete, "deleteRole", "Delete a role").shows(
        200,
        "NestAuthMessage",
        json!({ "message": "Role removed" }),
    );
    vec![list.done(), create.done(), update.done(), delete.done()]
}

fn no_permissions() -> Failure {
    Failure::no_permissions("web", &["no.such".to_owned()])
}
