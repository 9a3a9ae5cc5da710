//! Refusals in the engine's words.
//!
//! The texts are a contract: clients parse some of them. `code` is null for what its REST layer
//! refuses, and a number for what the engine does.

use core::time::Duration;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use writ_domain::{
    AuthorizationProblem, Denial, NounKind, Outcome, Rejection, TextProblem, camunda,
};
use writ_http::Revision;

use crate::state::Profile;

const PERSISTENCE: &str = "An exception occurred in the persistence layer. Please check the \
    server logs for a detailed message and the entire exception stack trace.";

/// A request that is not granted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer shows, where that is known.
    pub(crate) revision: Option<Box<Revision>>,
    body: Option<Box<Body>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Body {
    #[serde(rename = "type")]
    kind: &'static str,
    message: Option<String>,
    code: Option<u32>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Missing {
    user_id: String,
    resource_name: String,
    resource_id: Option<String>,
    permission_name: String,
    #[serde(rename = "missingAuthorizations")]
    each: [MissingAuthorization; 1],
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct MissingAuthorization {
    permission_name: String,
    resource_name: String,
    resource_id: Option<String>,
}

/// What a route's command was about, where the engine says the same thing in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// Making an authorization.
    NewAuthorization,
    /// An authorization, a user or a group by its id: who may not see it is told it is not there.
    ById,
    /// Making a user.
    NewUser,
    /// Making a group.
    NewGroup,
    /// Removing a user or a group.
    Removal,
    /// A membership.
    Membership,
}

impl Failure {
    fn new(
        status: StatusCode,
        kind: &'static str,
        message: Option<String>,
        code: Option<u32>,
    ) -> Self {
        Self {
            status,
            headers: Vec::new(),
            revision: None,
            body: Some(Box::new(Body {
                kind,
                message,
                code,
                missing: None,
            })),
        }
    }

    /// What the REST layer refuses.
    pub(crate) fn invalid(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(
            status,
            "InvalidRequestException",
            Some(message.into()),
            None,
        )
    }

    /// What the framework below it refuses: its name and status line.
    fn framework(status: StatusCode, kind: &'static str, reason: &str) -> Self {
        let message = format!("HTTP {} {reason}", status.as_u16());
        Self::new(status, kind, Some(message), None)
    }

    /// What the engine refuses.
    fn engine(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, kind, Some(message.into()), Some(0))
    }

    /// What the engine takes for a mistake of the client's.
    pub(crate) fn bad_user_request(message: impl Into<String>) -> Self {
        Self::engine(StatusCode::BAD_REQUEST, "BadUserRequestException", message)
    }

    /// The body, if there is one.
    pub(crate) fn text(&self) -> Option<String> {
        let body = self.body.as_ref()?;
        Some(serde_json::to_string(body).unwrap_or_default())
    }

    pub(crate) fn at(self, revision: Revision) -> Self {
        Self {
            revision: Some(Box::new(revision)),
            ..self
        }
    }

    fn coded(mut self, code: u32) -> Self {
        if let Some(body) = &mut self.body {
            body.code = Some(code);
        }
        self
    }

    /// The same refusal with another status in the clean profile.
    fn clean(self, profile: Profile, status: StatusCode) -> Self {
        match profile {
            Profile::Faithful => self,
            Profile::Clean => Self { status, ..self },
        }
    }

    pub(crate) fn no_such_engine(name: &str) -> Self {
        let message = format!("Process engine {name} not available");
        Self::invalid(StatusCode::NOT_FOUND, message)
    }

    /// No credentials, or wrong ones.
    pub(crate) fn unauthenticated() -> Self {
        let challenge = HeaderValue::from_static("Basic realm=\"default\"");
        Self {
            status: StatusCode::UNAUTHORIZED,
            headers: vec![(WWW_AUTHENTICATE, challenge)],
            revision: None,
            body: None,
        }
    }

    pub(crate) fn no_such_route() -> Self {
        Self::framework(StatusCode::NOT_FOUND, "NotFoundException", "Not Found")
    }

    pub(crate) fn bad_query() -> Self {
        Self::framework(StatusCode::NOT_FOUND, "QueryParamException", "Not Found")
    }

    pub(crate) fn wrong_method() -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::framework(status, "NotAllowedException", "Method Not Allowed")
    }

    pub(crate) fn not_acceptable() -> Self {
        let status = StatusCode::NOT_ACCEPTABLE;
        Self::framework(status, "NotAcceptableException", "Not Acceptable")
    }

    pub(crate) fn unsupported() -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::framework(status, "NotSupportedException", "Unsupported Media Type")
    }

    /// A body that is not what the route reads.
    pub(crate) fn unreadable() -> Self {
        Self::invalid(StatusCode::BAD_REQUEST, "")
    }

    /// A body that is not there, where the engine stumbles over that.
    pub(crate) fn null(profile: Profile) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "NullPointerException", None, None)
            .clean(profile, StatusCode::BAD_REQUEST)
    }

    /// A group that has no id.
    pub(crate) fn null_group(profile: Profile) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::engine(status, "NullValueException", "groupId is null")
            .clean(profile, StatusCode::BAD_REQUEST)
    }

    /// Users and groups in one query.
    pub(crate) fn users_and_groups(profile: Profile) -> Self {
        let message = "Cannot query for user and group authorizations at the same time.";
        Self::engine(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ProcessEngineException",
            message,
        )
        .clean(profile, StatusCode::BAD_REQUEST)
    }

    pub(crate) fn no_such_authorization(id: &str) -> Self {
        let message = format!("Authorization with id {id} does not exist.");
        Self::invalid(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn no_such_user(id: &str) -> Self {
        Self::invalid(
            StatusCode::NOT_FOUND,
            format!("User with id {id} does not exist"),
        )
    }

    pub(crate) fn no_such_group(id: &str) -> Self {
        Self::invalid(
            StatusCode::NOT_FOUND,
            format!("Group with id {id} does not exist"),
        )
    }

    /// What the database does not take.
    pub(crate) fn persistence(profile: Profile) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::engine(status, "ProcessEnginePersistenceException", PERSISTENCE)
            .clean(profile, StatusCode::BAD_REQUEST)
    }

    /// A permission that the resource type does not know.
    pub(crate) fn unknown_permission(permission: &str, resource_type: i32) -> Self {
        let known = camunda::resource_type(resource_type);
        let constant = known.map_or("null", |known| known.constant);
        Self::bad_user_request(format!(
            "The permission '{permission}' is not valid for '{constant}' resource type."
        ))
    }

    pub(crate) fn header(message: &str) -> Self {
        Self::invalid(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn too_large() -> Self {
        let message = "The request is too large.";
        Self::invalid(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub(crate) fn unavailable(retry_after: Duration) -> Self {
        let message = "The service is not available now. Send the request again later.";
        let mut failure = Self::invalid(StatusCode::SERVICE_UNAVAILABLE, message);
        let seconds = retry_after.as_secs().max(1);
        failure
            .headers
            .push((RETRY_AFTER, HeaderValue::from(seconds)));
        failure
    }

    /// Our mistake. The reason stays here.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        let message = "The server failed.";
        Self::invalid(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    fn denied(denial: &Denial) -> Self {
        let (user, permission, resource_type, resource_id) = match denial {
            Denial::MissingPermission {
                user,
                permission,
                resource_type,
                resource_id,
            } => (user, permission, *resource_type, resource_id),
            Denial::InsufficientScope { required } => {
                return Self::invalid(StatusCode::FORBIDDEN, required.join(" "));
            }
            // Nobody is refused so here.
            Denial::CsrfToken => return Self::invalid(StatusCode::FORBIDDEN, ""),
        };
        let known = camunda::resource_type(resource_type);
        let resource = known.map_or_else(|| resource_type.to_string(), |t| t.name.to_owned());
        let which = match resource_id {
            Some(id) => format!("'{id}' of type '{resource}'"),
            None => format!("'{resource}'"),
        };
        let message = format!(
            "The user with id '{user}' does not have '{permission}' permission on resource {which}."
        );
        let mut failure = Self::engine(StatusCode::FORBIDDEN, "AuthorizationException", message);
        if let Some(body) = &mut failure.body {
            body.missing = Some(Missing {
                user_id: user.clone(),
                resource_name: resource.clone(),
                resource_id: resource_id.clone(),
                permission_name: permission.clone(),
                each: [MissingAuthorization {
                    permission_name: permission.clone(),
                    resource_name: resource,
                    resource_id: resource_id.clone(),
                }],
            });
        }
        failure
    }
}

/// The failure that an outcome is; `None` if it is a success.
pub(crate) fn failure(outcome: &Outcome, about: About, profile: Profile) -> Option<Failure> {
    match outcome {
        Outcome::Applied | Outcome::Unchanged => None,
        Outcome::Rejected(rejection) => Some(rejected(rejection, about, profile)),
        Outcome::Denied(denial) => {
            Some(hidden(denial, about).unwrap_or_else(|| Failure::denied(denial)))
        }
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

/// Who may not see something is told that it is not there.
fn hidden(denial: &Denial, about: About) -> Option<Failure> {
    use camunda::resource;
    match denial {
        Denial::MissingPermission {
            permission,
            resource_type,
            resource_id: Some(id),
            ..
        } if about == About::ById && permission == camunda::Right::Read.as_str() => {
            match *resource_type {
                resource::AUTHORIZATION => Some(Failure::no_such_authorization(id)),
                resource::USER => Some(Failure::no_such_user(id)),
                resource::GROUP => Some(Failure::no_such_group(id)),
                _ => None,
            }
        }
        Denial::MissingPermission { .. } | Denial::InsufficientScope { .. } | Denial::CsrfToken => {
            None
        }
    }
}

#[expect(clippy::too_many_lines, reason = "flat: an arm a rejection")]
fn rejected(rejection: &Rejection, about: About, profile: Profile) -> Failure {
    const ERROR: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
    let persistence = || Failure::engine(ERROR, "ProcessEnginePersistenceException", PERSISTENCE);
    let missing = |message: String| {
        Failure::engine(ERROR, "NullValueException", message).clean(profile, StatusCode::NOT_FOUND)
    };
    match rejection {
        Rejection::NoSuchAuthorization { authorization } => {
            Failure::no_such_authorization(authorization)
        }
        Rejection::NoSuchUser { user } if about == About::Membership => {
            missing(format!("No user found with id '{user}'.: user is null"))
        }
        Rejection::NoSuchUser { user } => Failure::no_such_user(user),
        Rejection::NoSuchGroup { group } if about == About::Membership => {
            missing(format!("No group found with id '{group}'.: group is null"))
        }
        Rejection::NoSuchGroup { group } => Failure::no_such_group(group),
        Rejection::UserExists { .. } => exists("user", profile),
        Rejection::GroupExists { .. } => exists("group", profile),
        // The right on itself that a new user or group is given.
        Rejection::AuthorizationExists { .. } if about == About::NewUser => exists("user", profile),
        Rejection::AuthorizationExists { .. } if about == About::NewGroup => {
            exists("group", profile)
        }
        Rejection::AuthorizationExists { .. } | Rejection::MemberExists { .. } => {
            persistence().clean(profile, StatusCode::CONFLICT)
        }
        Rejection::InvalidId { kind, id } => {
            let noun = match kind {
                NounKind::Group => "Group",
                NounKind::Api
                | NounKind::Role
                | NounKind::User
                | NounKind::Authorization
                | NounKind::Permission
                | NounKind::Admin => "User",
            };
            let message =
                format!("{noun} has an invalid id: '{id}' is not a valid resource identifier.");
            Failure::engine(ERROR, "ProcessEngineException", message)
                .clean(profile, StatusCode::BAD_REQUEST)
        }
        Rejection::BadAuthorization { problem } => bad_authorization(problem, profile),
        Rejection::BadText { problem, .. } => {
            let code = match problem {
                TextProblem::TooLong { .. } => 10_002,
                TextProblem::Empty | TextProblem::HoldsNul | TextProblem::NotJson => 0,
            };
            persistence()
                .coded(code)
                .clean(profile, StatusCode::BAD_REQUEST)
        }
        Rejection::Stale { .. } => Failure::engine(
            StatusCode::PRECONDITION_FAILED,
            "OptimisticLockingException",
            "The resource has changed since it was read.",
        )
        .coded(1),
        Rejection::IdempotencyKeyReused { .. } => Failure::invalid(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The idempotency key was used for another request.",
        ),
        Rejection::Cancelled { .. } => {
            Failure::invalid(StatusCode::CONFLICT, "The command was cancelled.")
        }
        Rejection::TooMany { .. } => persistence().clean(profile, StatusCode::BAD_REQUEST),
        Rejection::InBatch { rejection, .. } => rejected(rejection, about, profile),
        // Of other realms, or of commands that this dialect does not submit.
        Rejection::NoSuchApi { .. }
        | Rejection::NoSuchPermission { .. }
        | Rejection::NoSuchRole { .. }
        | Rejection::ApiExists { .. }
        | Rejection::RoleExists { .. }
        | Rejection::ApiIsSystem { .. }
        | Rejection::PermissionTwice { .. }
        | Rejection::PermissionReserved { .. }
        | Rejection::NotInRealm { .. }
        | Rejection::NoSuchPermissionId { .. }
        | Rejection::NoSuchPermissions { .. }
        | Rejection::PermissionExists { .. }
        | Rejection::NoSuchAdmin { .. }
        | Rejection::AdminExists { .. }
        | Rejection::NotFirstAdmin
        | Rejection::LastAdmin
        | Rejection::NotInBatch
        | Rejection::AlreadyDecided { .. } => Failure::internal(&NotDecided {
            kind: rejection.kind(),
        }),
    }
}

fn exists(noun: &str, profile: Profile) -> Failure {
    Failure::bad_user_request(format!("The {noun} already exists"))
        .clean(profile, StatusCode::CONFLICT)
}

fn bad_authorization(problem: &AuthorizationProblem, profile: Profile) -> Failure {
    let engine = |kind: &'static str, message: String| {
        Failure::engine(StatusCode::INTERNAL_SERVER_ERROR, kind, message)
            .clean(profile, StatusCode::BAD_REQUEST)
    };
    match problem {
        AuthorizationProblem::UnknownKind { kind } => engine(
            "ProcessEngineException",
            format!(
                "ENGINE-03025 Unrecognized authorization type '{kind}'. Must be one of \
                 ['0', '1', '2']"
            ),
        ),
        AuthorizationProblem::GroupOfGlobal => engine(
            "ProcessEngineException",
            "ENGINE-03027 Cannot use 'groupId' for GLOBAL authorization".to_owned(),
        ),
        AuthorizationProblem::UserOfGlobal { user } => engine(
            "ProcessEngineException",
            format!(
                "ENGINE-03028 Illegal value '{user}' for userId for GLOBAL authorization. Must \
                 be '*'"
            ),
        ),
        AuthorizationProblem::NoResourceType | AuthorizationProblem::NoPermissions => {
            Failure::null(profile)
        }
        AuthorizationProblem::UnknownPermission {
            permission,
            resource_type,
        } => Failure::unknown_permission(permission, *resource_type),
        AuthorizationProblem::NotOneHolder => engine(
            "NullValueException",
            "Authorization must either have a 'userId' or a 'groupId'.".to_owned(),
        ),
        AuthorizationProblem::PermissionElsewhere {
            permission,
            resource_type,
        } => Failure::bad_user_request(format!(
            "ENGINE-03087 The resource type with id:'{resource_type}' is not valid for \
             '{permission}' permission."
        )),
    }
}
