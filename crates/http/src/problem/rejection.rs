//! What the ledger's rules and a caller's rights refused, as problems of the native API.

use writ_domain::{AuthorizationProblem, Denial, Limited, NounKind, Rejection, TextProblem};

use super::{Page, Problem, pages};

impl From<&Rejection> for Problem {
    #[expect(clippy::too_many_lines, reason = "flat: an arm a rejection")]
    fn from(rejection: &Rejection) -> Self {
        let problem = Self::new(page(rejection));
        match rejection {
            Rejection::NoSuchApi { api } => problem
                .with_detail(format!("there is no API {api:?}"))
                .with_extension("api", api.as_str()),
            Rejection::NoSuchPermission { api, name } => problem
                .with_detail(format!("the API {api:?} has no permission {name:?}"))
                .with_extension("api", api.as_str())
                .with_extension("permission", name.as_str()),
            Rejection::NoSuchRole { role } => problem
                .with_detail(format!("there is no role {role:?}"))
                .with_extension("role", role.as_str()),
            Rejection::NoSuchUser { user } => problem
                .with_detail(format!("there is no user {user:?}"))
                .with_extension("user", user.as_str()),
            Rejection::ApiExists { identifier } => exists(problem, "api", identifier),
            Rejection::RoleExists { name } => exists(problem, "role", name),
            Rejection::UserExists { user } => exists(problem, "user", user),
            Rejection::NotInRealm { .. }
            | Rejection::NoSuchPermissionId { .. }
            | Rejection::NoSuchPermissions { .. }
            | Rejection::PermissionExists { .. }
            | Rejection::NoSuchAdmin { .. }
            | Rejection::AdminExists { .. }
            | Rejection::NotFirstAdmin
            | Rejection::LastAdmin => nestauth(problem, rejection),
            Rejection::ApiIsSystem { api } => problem
                .with_detail(format!("the API {api:?} is the product's own"))
                .with_extension("api", api.as_str()),
            Rejection::PermissionTwice { name } => problem
                .with_detail(format!("the permission {name:?} is named twice"))
                .with_extension("permission", name.as_str()),
            Rejection::PermissionReserved { name } => problem
                .with_detail(format!("the permission name {name:?} is reserved"))
                .with_extension("permission", name.as_str()),
            Rejection::TooMany { what, limit } => problem
                .with_detail(format!("there can be at most {limit} {}", words(*what)))
                .with_extension("what", name(*what))
                .with_extension("limit", *limit),
            Rejection::BadText {
                field,
                problem: why,
            } => problem
                .with_detail(bad_text(field, *why))
                .with_extension("field", field.as_str()),
            Rejection::Stale { changed_at } => problem
                .with_detail(format!("it was last changed by entry {changed_at}"))
                .with_extension("changed_at", changed_at.0),
            Rejection::NotInBatch => problem,
            Rejection::InBatch { index, rejection } => in_batch(*index, rejection),
            Rejection::Cancelled { by } => problem
                .with_detail(format!("entry {by} cancelled it"))
                .with_extension("entry", by.0),
            Rejection::AlreadyDecided { command, at } => problem
                .with_detail(format!("entry {at} decided it"))
                .with_extension("command", command.to_string())
                .with_extension("entry", at.0),
            Rejection::IdempotencyKeyReused { of } => problem
                .with_detail(format!("entry {of} used the key for another request"))
                .with_extension("entry", of.0),
            Rejection::NoSuchGroup { group } => problem
                .with_detail(format!("there is no group {group:?}"))
                .with_extension("group", group.as_str()),
            Rejection::NoSuchAuthorization { authorization } => problem
                .with_detail(format!("there is no authorization {authorization:?}"))
                .with_extension("authorization", authorization.as_str()),
            Rejection::GroupExists { group } => exists(problem, "group", group),
            Rejection::MemberExists { group, user } => {
                let member = format!("{group}/{user}");
                exists(problem, "member", &member)
            }
            Rejection::AuthorizationExists { authorization } => {
                exists(problem, "authorization", authorization)
            }
            Rejection::InvalidId { kind, id } => problem
                .with_detail(format!("{id:?} cannot be the id of a {}", kind.as_str()))
                .with_extension("kind", NounKind::as_str(*kind)),
            Rejection::BadAuthorization { problem: why } => {
                problem.with_detail(bad_authorization(why))
            }
        }
    }
}

impl From<&Denial> for Problem {
    fn from(denial: &Denial) -> Self {
        match denial {
            Denial::InsufficientScope { required } => Self::insufficient_scope(required),
            Denial::MissingPermission {
                user,
                permission,
                resource_type,
                resource_id,
            } => {
                let which = resource_id.as_deref().unwrap_or("*");
                Self::new(&pages::FORBIDDEN)
                    .with_detail(format!(
                        "{user:?} lacks {permission} on resource type {resource_type}, {which:?}"
                    ))
                    .with_extension("permission", permission.as_str())
                    .with_extension("resource_type", *resource_type)
            }
            Denial::CsrfToken => Self::forbidden()
                .with_detail("the request does not show that it comes from its session's page"),
        }
    }
}

/// What only Nest Auth's realm refuses, and what a realm has not.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "from, above, names every rejection"
)]
fn nestauth(problem: Problem, rejection: &Rejection) -> Problem {
    match rejection {
        Rejection::NotInRealm { realm } => problem
            .with_detail(format!("the realm {realm} has no such thing"))
            .with_extension("realm", realm.as_str()),
        Rejection::NoSuchPermissionId { permission } => problem
            .with_detail(format!("there is no permission {permission:?}"))
            .with_extension("permission", permission.as_str()),
        Rejection::NoSuchPermissions { api, names } => problem
            .with_detail(format!("the guard {api:?} has no permissions {names:?}"))
            .with_extension("api", api.as_str())
            .with_extension("permissions", names.clone()),
        Rejection::PermissionExists { api, name } => {
            exists(problem, "permission", name).with_extension("api", api.as_str())
        }
        Rejection::NoSuchAdmin { admin } => problem
            .with_detail(format!("there is no admin {admin:?}"))
            .with_extension("admin", admin.as_str()),
        Rejection::AdminExists { email } => exists(problem, "admin", email),
        Rejection::NotFirstAdmin => problem.with_detail("there is an admin already"),
        Rejection::LastAdmin => problem.with_detail("it is the only admin"),
        _ => problem,
    }
}

/// The page of a rejection; that of one in a batch is the page of what was rejected there.
fn page(rejection: &Rejection) -> &'static Page {
    match rejection {
        Rejection::NoSuchApi { .. } => &pages::NO_SUCH_API,
        Rejection::NoSuchPermission { .. } => &pages::NO_SUCH_PERMISSION,
        Rejection::NoSuchRole { .. } => &pages::NO_SUCH_ROLE,
        Rejection::NoSuchUser { .. } => &pages::NO_SUCH_USER,
        Rejection::ApiExists { .. }
        | Rejection::RoleExists { .. }
        | Rejection::UserExists { .. }
        | Rejection::GroupExists { .. }
        | Rejection::MemberExists { .. }
        | Rejection::AuthorizationExists { .. }
        | Rejection::PermissionExists { .. }
        | Rejection::AdminExists { .. }
        | Rejection::NotFirstAdmin => &pages::EXISTS,
        Rejection::ApiIsSystem { .. } => &pages::IS_SYSTEM,
        Rejection::NotInRealm { .. } => &pages::NOT_IN_REALM,
        Rejection::NoSuchPermissionId { .. } | Rejection::NoSuchPermissions { .. } => {
            &pages::NO_SUCH_PERMISSION
        }
        Rejection::NoSuchAdmin { .. } => &pages::NO_SUCH_ADMIN,
        Rejection::LastAdmin => &pages::LAST_ADMIN,
        Rejection::PermissionTwice { .. } => &pages::PERMISSION_TWICE,
        Rejection::PermissionReserved { .. } => &pages::PERMISSION_RESERVED,
        Rejection::TooMany { .. } => &pages::LIMIT_REACHED,
        Rejection::BadText { .. } => &pages::BAD_TEXT,
        Rejection::Stale { .. } => &pages::STALE,
        Rejection::NotInBatch => &pages::NOT_IN_BATCH,
        Rejection::InBatch { rejection, .. } => page(rejection),
        Rejection::Cancelled { .. } => &pages::CANCELLED,
        Rejection::AlreadyDecided { .. } => &pages::ALREADY_DECIDED,
        Rejection::IdempotencyKeyReused { .. } => &pages::IDEMPOTENCY_KEY_REUSED,
        Rejection::NoSuchGroup { .. } => &pages::NO_SUCH_GROUP,
        Rejection::NoSuchAuthorization { .. } => &pages::NO_SUCH_AUTHORIZATION,
        Rejection::InvalidId { .. } => &pages::INVALID_ID,
        Rejection::BadAuthorization { .. } => &pages::BAD_AUTHORIZATION,
    }
}

fn exists(problem: Problem, kind: &'static str, name: &str) -> Problem {
    let article = match kind {
        "api" | "authorization" | "admin" => "an",
        _ => "a",
    };
    let word = if kind == "api" { "API" } else { kind };
    problem
        .with_detail(format!("there is already {article} {word} {name:?}"))
        .with_extension("kind", kind)
        .with_extension("name", name)
}

fn in_batch(index: u32, rejection: &Rejection) -> Problem {
    let inner = Problem::from(rejection);
    let detail = match inner.detail() {
        Some(detail) => format!("command {index} of the batch: {detail}"),
        None => format!("command {index} of the batch was rejected"),
    };
    inner.with_detail(detail).with_extension("index", index)
}

fn bad_text(field: &str, problem: TextProblem) -> String {
    match problem {
        TextProblem::Empty => format!("{field} is empty"),
        TextProblem::TooLong { limit_bytes } => {
            format!("{field} has more than {limit_bytes} bytes")
        }
        TextProblem::HoldsNul => format!("{field} holds U+0000"),
        TextProblem::NotJson => format!("{field} is not one JSON value"),
    }
}

fn bad_authorization(problem: &AuthorizationProblem) -> String {
    match problem {
        AuthorizationProblem::UnknownKind { kind } => {
            format!("there is no kind {kind}; 0 is global, 1 grant, 2 revoke")
        }
        AuthorizationProblem::GroupOfGlobal => "a global one cannot be a group's".to_owned(),
        AuthorizationProblem::UserOfGlobal { user } => {
            format!("a global one cannot be {user:?}'s: its user must be \"*\"")
        }
        AuthorizationProblem::NoResourceType => "it needs a resource type".to_owned(),
        AuthorizationProblem::NoPermissions => "it needs permissions".to_owned(),
        AuthorizationProblem::UnknownPermission {
            permission,
            resource_type,
        } => format!("resource type {resource_type} knows no permission {permission:?}"),
        AuthorizationProblem::NotOneHolder => "it needs either a user or a group".to_owned(),
        AuthorizationProblem::PermissionElsewhere {
            permission,
            resource_type,
        } => format!("the permission {permission:?} is not one for resource type {resource_type}"),
    }
}

fn name(what: Limited) -> &'static str {
    match what {
        Limited::Apis => "apis",
        Limited::ApiPermissions => "api_permissions",
        Limited::Roles => "roles",
        Limited::RolePermissions => "role_permissions",
        Limited::UserPermissions => "user_permissions",
        Limited::UserRoles => "user_roles",
        Limited::LinkedSubjects => "linked_subjects",
        Limited::Items => "items",
    }
}

fn words(what: Limited) -> &'static str {
    match what {
        Limited::Apis => "APIs in a tenant",
        Limited::ApiPermissions => "permissions on an API",
        Limited::Roles => "roles in a tenant",
        Limited::RolePermissions => "permissions in a role",
        Limited::UserPermissions => "direct permissions of a user",
        Limited::UserRoles => "roles of a user",
        Limited::LinkedSubjects => "subjects that are one person",
        Limited::Items => "items in a command",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use writ_domain::{CommandId, TenantSeq};

    use super::*;

    fn check(rows: Vec<(Rejection, &str, u16, &str, Value)>) {
        for (rejection, code, status, detail, extensions) in rows {
            let problem = Problem::from(&rejection);
            assert_eq!(problem.code(), code, "{rejection:?}");
            assert_eq!(problem.status().as_u16(), status, "{rejection:?}");
            assert_eq!(problem.detail().unwrap_or_default(), detail);
            let told = Value::Object(problem.extensions().clone());
            assert_eq!(told, extensions, "{rejection:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_404() {
        let no_permission = Rejection::NoSuchPermission {
            api: "https://a/".into(),
            name: "x".into(),
        };
        let no_api = Rejection::NoSuchApi { api: "a".into() };
        let no_role = Rejection::NoSuchRole { role: "r".into() };
        let no_user = Rejection::NoSuchUser { user: "u".into() };
        check(vec![
            (
                no_api,
                "no-such-api",
                404,
                "there is no API \"a\"",
                json!({"api": "a"}),
            ),
            (
                no_permission,
                "no-such-permission",
                404,
                "the API \"https://a/\" has no permission \"x\"",
                json!({"api": "https://a/", "permission": "x"}),
            ),
            (
                no_role,
                "no-such-role",
                404,
                "there is no role \"r\"",
                json!({"role": "r"}),
            ),
            (
                no_user,
                "no-such-user",
                404,
                "there is no user \"u\"",
                json!({"user": "u"}),
            ),
        ]);
    }

    #[test]
    fn what_is_there_already_is_409() {
        let api = Rejection::ApiExists {
            identifier: "a".into(),
        };
        let role = Rejection::RoleExists { name: "r".into() };
        let user = Rejection::UserExists { user: "u".into() };
        let system = Rejection::ApiIsSystem { api: "a".into() };
        let told = |kind: &str, name: &str| json!({"kind": kind, "name": name});
        check(vec![
            (
                api,
                "exists",
                409,
                "there is already an API \"a\"",
                told("api", "a"),
            ),
            (
                role,
                "exists",
                409,
                "there is already a role \"r\"",
                told("role", "r"),
            ),
            (
                user,
                "exists",
                409,
                "there is already a user \"u\"",
                told("user", "u"),
            ),
            (
                system,
                "is-system",
                409,
                "the API \"a\" is the product's own",
                json!({"api": "a"}),
            ),
        ]);
    }

    #[test]
    fn what_the_ledger_cannot_take_is_409() {
        let twice = Rejection::PermissionTwice { name: "x".into() };
        let reserved = Rejection::PermissionReserved { name: "x".into() };
        let too_many = Rejection::TooMany {
            what: Limited::RolePermissions,
            limit: 1_000,
        };
        let bad_text = |problem| Rejection::BadText {
            field: "name".into(),
            problem,
        };
        let too_long = TextProblem::TooLong { limit_bytes: 50 };
        let field = json!({"field": "name"});
        let x = json!({"permission": "x"});
        check(vec![
            (
                twice,
                "permission-twice",
                409,
                "the permission \"x\" is named twice",
                x.clone(),
            ),
            (
                reserved,
                "permission-reserved",
                409,
                "the permission name \"x\" is reserved",
                x,
            ),
            (
                too_many,
                "limit-reached",
                409,
                "there can be at most 1000 permissions in a role",
                json!({"what": "role_permissions", "limit": 1_000}),
            ),
            (
                bad_text(too_long),
                "bad-text",
                409,
                "name has more than 50 bytes",
                field.clone(),
            ),
            (
                bad_text(TextProblem::Empty),
                "bad-text",
                409,
                "name is empty",
                field.clone(),
            ),
            (
                bad_text(TextProblem::HoldsNul),
                "bad-text",
                409,
                "name holds U+0000",
                field.clone(),
            ),
            (
                bad_text(TextProblem::NotJson),
                "bad-text",
                409,
                "name is not one JSON value",
                field,
            ),
        ]);
    }

    #[test]
    fn what_another_entry_decided_names_that_entry() {
        let command = CommandId::nil();
        let id = command.to_string();
        let stale = Rejection::Stale {
            changed_at: TenantSeq(4),
        };
        let cancelled = Rejection::Cancelled { by: TenantSeq(9) };
        let decided = Rejection::AlreadyDecided {
            command,
            at: TenantSeq(5),
        };
        let reused = Rejection::IdempotencyKeyReused { of: TenantSeq(3) };
        check(vec![
            (
                stale,
                "stale",
                412,
                "it was last changed by entry 4",
                json!({"changed_at": 4}),
            ),
            (
                cancelled,
                "cancelled",
                409,
                "entry 9 cancelled it",
                json!({"entry": 9}),
            ),
            (
                decided,
                "already-decided",
                409,
                "entry 5 decided it",
                json!({"command": id, "entry": 5}),
            ),
            (
                reused,
                "idempotency-key-reused",
                422,
                "entry 3 used the key for another request",
                json!({"entry": 3}),
            ),
        ]);
    }

    #[test]
    fn a_batch_answers_as_the_command_that_failed() {
        let in_batch = |rejection| Rejection::InBatch {
            index: 2,
            rejection: Box::new(rejection),
        };
        check(vec![
            (
                in_batch(Rejection::NoSuchRole { role: "r".into() }),
                "no-such-role",
                404,
                "command 2 of the batch: there is no role \"r\"",
                json!({"index": 2, "role": "r"}),
            ),
            (
                in_batch(Rejection::NotInBatch),
                "not-in-batch",
                409,
                "command 2 of the batch was rejected",
                json!({"index": 2}),
            ),
            (Rejection::NotInBatch, "not-in-batch", 409, "", json!({})),
        ]);
    }

    #[test]
    fn a_denial_names_the_scopes() {
        let required = vec!["read:a".to_owned(), "read:b".to_owned()];
        let problem = Problem::from(&Denial::InsufficientScope { required });
        assert_eq!(problem.code(), "forbidden");
        assert_eq!(problem.body()["scopes"], json!(["read:a", "read:b"]));
    }
}
