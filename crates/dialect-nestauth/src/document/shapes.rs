//! Bodies: schemas and examples.

use serde_json::{Value, json};
use writ_http::document::{Schemas, object};

/// A permission's id.
pub(super) const PERMISSION: &str = "3c57bd32-1cf8-4e1d-a6ba-86c0880a9b8f";
/// A role's id.
pub(super) const ROLE: &str = "adb46796-40dd-4ee0-b7c9-456c06f0acd5";

pub(super) fn signup() -> Value {
    json!({
        "email": "admin@example.com",
        "password": "Correct!Horse1",
        "secretKey": "a-secret-of-the-installation-32-characters",
        "name": "Admin",
    })
}

pub(super) fn login() -> Value {
    json!({ "email": "admin@writ.localhost", "password": "the-password" })
}

pub(super) fn admin() -> Value {
    json!({
        "id": "bf090f35-ae3e-4a59-93ca-e6db464ebf3a",
        "email": "admin@writ.localhost",
        "name": "Admin",
        "metadata": {},
        "lastLoginAt": "2026-03-02T09:10:53.237Z",
        "createdAt": "2026-03-02T09:09:21.283Z",
        "updatedAt": "2026-03-02T09:10:53.237Z",
    })
}

pub(super) fn permission() -> Value {
    json!({
        "id": PERMISSION,
        "name": "invoice.read",
        "guard": "web",
        "description": "See invoices",
        "category": "invoices",
        "createdAt": "2026-03-02T09:10:53.252Z",
        "updatedAt": "2026-03-02T09:10:53.252Z",
    })
}

pub(super) fn new_permission() -> Value {
    json!({
        "name": "invoice.read",
        "guard": "web",
        "description": "See invoices",
        "category": "invoices",
    })
}

pub(super) fn role() -> Value {
    json!({
        "id": ROLE,
        "name": "accountant",
        "guard": "web",
        "isSystem": false,
        "isActive": true,
        "tenantId": null,
        "permissions": ["invoice.read"],
        "createdAt": "2026-03-02T09:10:53.278Z",
        "updatedAt": "2026-03-02T09:10:53.278Z",
    })
}

pub(super) fn new_role() -> Value {
    json!({ "name": "accountant", "guard": "web", "permissions": ["invoice.read"] })
}

pub(super) fn schemas() -> Schemas {
    let text = json!({ "type": "string" });
    let truth = json!({ "type": "boolean" });
    let names = json!({ "type": "array", "items": text });
    let referred = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let list = |name: &str| {
        let items = json!({ "type": "array", "items": referred(name) });
        object("A list.", json!({ "data": items }))
    };
    let error = json!({ "statusCode": { "type": "integer" }, "message": text, "error?": text, "code?": text });
    let message = object("What was done.", json!({ "message": text }));
    let signed = json!({ "message": text, "admin": referred("NestAuthAdmin") });
    let permission = json!({ "permission": referred("NestAuthPermission") });
    let role = json!({ "role": referred("NestAuthRole") });
    let config = json!({ "allowAdminManagement": truth });
    taken(shown(Schemas::new()))
        .with(
            "NestAuthError",
            object("A refusal, as the product words it.", error),
        )
        .with("NestAuthMessage", message)
        .with("NestAuthSigned", object("Who is an admin now.", signed))
        .with("NestAuthConfig", object("What the page may show.", config))
        .with(
            "NestAuthPermissionWrapped",
            object("A permission.", permission),
        )
        .with("NestAuthPermissions", list("NestAuthPermission"))
        .with("NestAuthRoleWrapped", object("A role.", role))
        .with("NestAuthRoles", list("NestAuthRole"))
        .with("NestAuthNames", object("Names.", json!({ "data": names })))
}

/// What is shown.
fn shown(schemas: Schemas) -> Schemas {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let at = json!({ "type": "string", "format": "date-time" });
    let truth = json!({ "type": "boolean" });
    let admin = json!({
        "id": text,
        "email": text,
        "name": maybe,
        "metadata": { "type": "object" },
        "lastLoginAt": { "type": ["string", "null"], "format": "date-time" },
        "createdAt": at,
        "updatedAt": at,
    });
    let permission = json!({
        "id": text,
        "name": text,
        "guard": text,
        "description": maybe,
        "category": maybe,
        "createdAt": at,
        "updatedAt": at,
    });
    let role = json!({
        "id": text,
        "name": text,
        "guard": text,
        "isSystem": truth,
        "isActive": truth,
        "tenantId": { "type": "null" },
        "permissions": { "type": "array", "items": text },
        "createdAt": at,
        "updatedAt": at,
    });
    schemas
        .with("NestAuthAdmin", object("An admin.", admin))
        .with(
            "NestAuthPermission",
            object("A permission of a guard.", permission),
        )
        .with("NestAuthRole", object("A role of a guard.", role))
}

/// What is taken. Other members are ignored, as they are in the product.
fn taken(schemas: Schemas) -> Schemas {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let truth = json!({ "type": ["boolean", "null"] });
    let names = json!({ "type": ["array", "null"], "items": text });
    let open = |required: &[&str], members: Value| json!({ "type": "object", "required": required, "properties": members });
    let signup = json!({
        "email": text,
        "password": { "type": "string", "minLength": 8 },
        "secretKey": text,
        "name": maybe,
        "metadata": { "type": ["object", "null"] },
    });
    let permission =
        json!({ "name": text, "guard": maybe, "description": maybe, "category": maybe });
    let update = json!({ "name": maybe, "description": maybe, "category": maybe });
    let role = json!({
        "name": text,
        "guard": text,
        "tenantId": maybe,
        "isSystem": truth,
        "isActive": truth,
        "permissions": names,
    });
    let role_update = json!({ "name": maybe, "isActive": truth, "permissions": names });
    schemas
        .with(
            "NestAuthSignup",
            open(&["email", "password", "secretKey"], signup),
        )
        .with(
            "NestAuthLogin",
            open(
                &["email", "password"],
                json!({ "email": text, "password": text }),
            ),
        )
        .with("NestAuthNewPermission", open(&["name"], permission))
        .with("NestAuthPermissionUpdate", open(&[], update))
        .with("NestAuthNewRole", open(&["name", "guard"], role))
        .with("NestAuthRoleUpdate", open(&[], role_update))
}
