//! Bodies: schemas and examples.

use serde_json::{Value, json};
use writ_http::document::{Schemas, extended, object};

/// An authorization's id.
pub(super) const ID: &str = "65f6447e-3013-4817-b944-d952e4bebc51";

pub(super) fn authorization() -> Value {
    json!({
        "id": ID,
        "type": 1,
        "permissions": ["READ", "UPDATE"],
        "userId": "demo",
        "groupId": null,
        "resourceType": 6,
        "resourceId": "invoice",
        "removalTime": null,
        "rootProcessInstanceId": null,
    })
}

pub(super) fn new_authorization() -> Value {
    json!({
        "type": 1,
        "permissions": ["READ", "UPDATE"],
        "userId": "demo",
        "groupId": null,
        "resourceType": 6,
        "resourceId": "invoice",
    })
}

pub(super) fn update() -> Value {
    json!({
        "permissions": ["READ"],
        "userId": "demo",
        "groupId": null,
        "resourceType": 6,
        "resourceId": "invoice",
    })
}

pub(super) fn links(links: &[(&str, &str, &str)]) -> Value {
    let base = "http://localhost:4480/engine-rest/authorization";
    let each = links.iter().map(|(method, path, rel)| {
        json!({ "method": method, "href": format!("{base}{path}"), "rel": rel })
    });
    json!({ "links": each.collect::<Vec<_>>() })
}

pub(super) fn new_user() -> Value {
    json!({ "profile": profile(), "credentials": { "password": "a-password" } })
}

pub(super) fn profile() -> Value {
    json!({
        "id": "demo",
        "firstName": "Demo",
        "lastName": "User",
        "email": "demo@example.com",
    })
}

pub(super) fn credentials() -> Value {
    json!({ "password": "another-password", "authenticatedUserPassword": "the-caller's-own" })
}

pub(super) fn group() -> Value {
    json!({ "id": "accounting", "name": "Accounting", "type": "WORKFLOW" })
}

pub(super) fn schemas() -> Schemas {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let names = json!({ "type": "array", "items": text });
    let referred = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let list = |name: &str| json!({ "type": "array", "items": referred(name) });
    let engine = object("An engine.", json!({ "name": text }));
    people(Schemas::new())
        .with("CamundaPermissionNames", names)
        .with("CamundaError", error())
        .with(
            "CamundaEngines",
            json!({ "type": "array", "items": engine }),
        )
        .with("CamundaAuthorization", shown())
        .with("CamundaAuthorizations", list("CamundaAuthorization"))
        .with(
            "CamundaNewAuthorization",
            taken(&[("type", json!({ "type": ["integer", "null"] }))]),
        )
        .with("CamundaAuthorizationUpdate", taken(&[]))
        .with(
            "CamundaCount",
            object(
                "A count.",
                json!({ "count": { "type": "integer", "minimum": 0 } }),
            ),
        )
        .with(
            "CamundaCheck",
            object(
                "Whether the user may.",
                json!({
                    "permissionName": text,
                    "resourceName": text,
                    "resourceId": maybe,
                    "authorized": { "type": "boolean" },
                }),
            ),
        )
}

/// Users and groups.
fn people(schemas: Schemas) -> Schemas {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/CamundaGroup" } });
    schemas
        .with("CamundaLinks", link_list())
        .with(
            "CamundaProfile",
            object("A user's profile.", profile_members()),
        )
        .with(
            "CamundaProfileUpdate",
            open("What is not said is gone.", &profile_members()),
        )
        .with(
            "CamundaNewUser",
            open(
                "A user to make. Other members are ignored.",
                &json!({
                    "profile": open("With an id.", &profile_members()),
                    "credentials": open("Without, nobody signs in.", &json!({ "password": maybe })),
                }),
            ),
        )
        .with(
            "CamundaCredentials",
            open(
                "A new password, and that of the caller.",
                &json!({ "password": maybe, "authenticatedUserPassword": maybe }),
            ),
        )
        .with(
            "CamundaGroup",
            object(
                "A group.",
                json!({ "id": text, "name": maybe, "type": maybe }),
            ),
        )
        .with("CamundaGroups", list)
        .with(
            "CamundaNewGroup",
            open("A group to make.", &group_members()),
        )
        .with(
            "CamundaGroupUpdate",
            open("What is not said is gone.", &group_members()),
        )
}

fn error() -> Value {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let missing = object(
        "A right that is missing.",
        json!({ "permissionName": text, "resourceName": text, "resourceId": maybe }),
    );
    object(
        "A refusal, as the engine words it. What is beside `code` is there of a right that is missing.",
        json!({
            "type": text,
            "message": maybe,
            "code": { "type": ["integer", "null"] },
            "userId?": text,
            "resourceName?": text,
            "resourceId?": maybe,
            "permissionName?": text,
            "missingAuthorizations?": { "type": "array", "items": missing },
        }),
    )
}

fn shown() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    object(
        "An authorization. Those of historic resources alone have a removal time or a root.",
        json!({
            "id": { "type": "string" },
            "type": { "type": "integer", "enum": [0, 1, 2], "description": "GLOBAL, GRANT, REVOKE." },
            "permissions": { "$ref": "#/components/schemas/CamundaPermissionNames" },
            "userId": maybe,
            "groupId": maybe,
            "resourceType": { "type": "integer" },
            "resourceId": maybe,
            "removalTime": { "type": "null" },
            "rootProcessInstanceId": { "type": "null" },
        }),
    )
}

/// What an authorization is made or replaced by. Other members are ignored.
fn taken(more: &[(&str, Value)]) -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    let members = json!({
        "permissions": { "type": ["array", "null"], "items": maybe },
        "userId": maybe,
        "groupId": maybe,
        "resourceType": { "type": ["integer", "null"] },
        "resourceId": maybe,
    });
    let members = extended(members, more);
    open(
        "One of user and group, a resource type, permissions.",
        &members,
    )
}

fn open(description: &str, members: &Value) -> Value {
    json!({ "type": "object", "description": description, "properties": members })
}

fn link_list() -> Value {
    let text = json!({ "type": "string" });
    let link = object(
        "A link.",
        json!({ "method": text, "href": text, "rel": text }),
    );
    object(
        "What the caller may do.",
        json!({ "links": { "type": "array", "items": link } }),
    )
}

fn profile_members() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    json!({ "id": maybe, "firstName": maybe, "lastName": maybe, "email": maybe })
}

fn group_members() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    json!({ "id": maybe, "name": maybe, "type": maybe })
}
