//! Commands that had no effect because the rules, the rights or the time said no.

use core::time::Duration;

use axum::http::StatusCode;
use writ_domain::{Denial, Limited, Outcome, Rejection, TextProblem};

use super::Failure;

/// What the route that a command came by says where Auth0's routes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// APIs and users are named by the path.
    ByPath,
    /// They are named by the path, to be deleted.
    Deleted,
    /// APIs are named by the body.
    ApisByBody,
    /// Users are named by the body.
    UsersByBody,
}

/// The failure that an outcome is; `None` if it is a success.
pub(crate) fn failure(outcome: &Outcome, named: Named) -> Option<Failure> {
    match outcome {
        Outcome::Applied | Outcome::Unchanged => None,
        Outcome::Rejected(rejection) => Some(rejected(rejection, named)),
        Outcome::Denied(Denial::InsufficientScope { required }) => {
            let required: Vec<&str> = required.iter().map(String::as_str).collect();
            Some(Failure::insufficient_scope(&required))
        }
        // Of another realm: no command of this dialect is decided by such rights.
        Outcome::Denied(Denial::MissingPermission { permission, .. }) => {
            Some(Failure::insufficient_scope(&[permission.as_str()]))
        }
        // Nobody is refused so here.
        Outcome::Denied(Denial::CsrfToken) => Some(Failure::insufficient_scope(&[])),
        Outcome::Expired => Some(Failure::unavailable(Duration::from_secs(1))),
        // The service answers with the entry that decided; neither is one.
        Outcome::Duplicate { .. } | Outcome::Invalid { .. } => {
            Some(Failure::internal(&NotDecided {
                kind: outcome.kind(),
            }))
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the answer to a command is an entry with outcome {kind}")]
struct NotDecided {
    kind: &'static str,
}

fn rejected(rejection: &Rejection, named: Named) -> Failure {
    let bad = |message: String| Failure::body(message);
    let conflict = |message: &'static str| Failure::new(StatusCode::CONFLICT, message);
    match rejection {
        Rejection::NoSuchApi { api } => match named {
            Named::ApisByBody => Failure::no_such_resource_server_named(api),
            Named::ByPath | Named::Deleted | Named::UsersByBody => {
                Failure::no_such_resource_server()
            }
        },
        Rejection::NoSuchPermission { api, name } => Failure::no_such_permission(api, name),
        Rejection::NoSuchRole { .. } => Failure::no_such_role(),
        Rejection::NoSuchUser { .. } => match named {
            Named::UsersByBody => Failure::no_such_users(),
            Named::ByPath | Named::Deleted | Named::ApisByBody => Failure::no_such_user(),
        },
        Rejection::ApiExists { .. } => Failure::resource_server_exists(),
        Rejection::RoleExists { .. } => Failure::role_exists(),
        Rejection::UserExists { .. } => Failure::user_exists(),
        Rejection::ApiIsSystem { .. } => Failure::new(
            StatusCode::BAD_REQUEST,
            match named {
                Named::Deleted => "System resource servers cannot be deleted.",
                Named::ByPath | Named::ApisByBody | Named::UsersByBody => {
                    "System resource servers cannot be patched."
                }
            },
        ),
        Rejection::PermissionTwice { name } => bad(format!(
            "Payload validation error: 'Duplicate scope value: {name}' on property scopes."
        )),
        Rejection::PermissionReserved { name } => bad(format!(
            "Payload validation error: 'Reserved scope value: {name}' on property scopes."
        )),
        Rejection::TooMany { what, limit } => too_many(*what, *limit),
        Rejection::BadText { field, problem } => bad(bad_text(field, *problem)),
        Rejection::Stale { .. } => Failure::stale(),
        Rejection::InBatch { rejection, .. } => rejected(rejection, named),
        Rejection::IdempotencyKeyReused { .. } => Failure::key_reused(),
        Rejection::Cancelled { .. } => conflict("The command was cancelled."),
        // Only native commands can be rejected so; a dialect submits none of them.
        Rejection::NotInBatch
        | Rejection::AlreadyDecided { .. }
        | Rejection::NoSuchGroup { .. }
        | Rejection::NoSuchAuthorization { .. }
        | Rejection::GroupExists { .. }
        | Rejection::MemberExists { .. }
        | Rejection::AuthorizationExists { .. }
        | Rejection::InvalidId { .. }
        | Rejection::BadAuthorization { .. }
        | Rejection::NotInRealm { .. }
        | Rejection::NoSuchPermissionId { .. }
        | Rejection::NoSuchPermissions { .. }
        | Rejection::PermissionExists { .. }
        | Rejection::NoSuchAdmin { .. }
        | Rejection::AdminExists { .. }
        | Rejection::NotFirstAdmin
        | Rejection::LastAdmin => Failure::internal(&NotDecided {
            kind: rejection.kind(),
        }),
    }
}

/// More of something than Auth0's Entity Limit Policy allows.
fn too_many(what: Limited, limit: u32) -> Failure {
    let bad = |message: &'static str| Failure::new(StatusCode::BAD_REQUEST, message);
    match what {
        Limited::Apis | Limited::Roles => Failure::new(
            StatusCode::FORBIDDEN,
            "You reached the limit of entities of this type for this tenant.",
        )
        .coded("too_many_entities"),
        Limited::ApiPermissions => Failure::body(format!(
            "Payload validation error: 'Array is too long, maximum {limit}' on property scopes \
             (List of permissions (scopes) that this API uses.)."
        )),
        Limited::RolePermissions => bad("No more permissions can be assigned to this role."),
        Limited::UserPermissions => bad("No more permissions can be assigned to this user."),
        Limited::UserRoles => bad("No more roles can be assigned to this user."),
        Limited::Items | Limited::LinkedSubjects => Failure::body(format!(
            "Payload validation error: 'Too many items in one request, maximum {limit}'."
        )),
    }
}

fn bad_text(field: &str, problem: TextProblem) -> String {
    let what = match problem {
        TextProblem::Empty => "String is too short (0 chars), minimum 1".to_owned(),
        TextProblem::TooLong { limit_bytes } => {
            format!("String is too long, maximum {limit_bytes} bytes")
        }
        TextProblem::HoldsNul => "String holds the character U+0000".to_owned(),
        TextProblem::NotJson => "Value is not JSON".to_owned(),
    };
    format!("Payload validation error: '{what}' on property {field}.")
}
