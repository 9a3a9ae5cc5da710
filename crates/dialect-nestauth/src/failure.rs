//! Every refusal.
//!
//! Three shapes are on the product's wire: what was thrown with a code, what was thrown as a text,
//! and what is no exception of HTTP (500, 413, 415).

use axum::http::{HeaderName, HeaderValue, StatusCode};
use writ_http::Revision;

use crate::js::{Text, quoted};
use crate::state::Profile;

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    shape: Shape,
    /// As JSON: half a surrogate pair is told as it was sent.
    message: Box<str>,
    /// What the product would have said, had it meant to: a status, and a stable code.
    meant: Option<(StatusCode, &'static str)>,
    pub(crate) header: Option<Box<(HeaderName, HeaderValue)>>,
    /// The entry that it is the outcome of.
    pub(crate) revision: Option<Box<Revision>>,
    /// Whether the fault is ours.
    ours: bool,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// The class of the exception, and a code.
    Coded(&'static str, &'static str),
    /// The words of the status.
    Worded,
    /// Neither.
    Bare,
}

impl Failure {
    fn new(status: StatusCode, shape: Shape, message: impl Into<Text>) -> Self {
        Self {
            status,
            shape,
            message: message.into().quoted().into(),
            meant: None,
            header: None,
            revision: None,
            ours: false,
        }
    }

    /// Thrown with a code, by an exception of this class.
    pub(crate) fn coded(
        status: StatusCode,
        class: &'static str,
        code: &'static str,
        message: impl Into<Text>,
    ) -> Self {
        Self::new(status, Shape::Coded(class, code), message)
    }

    /// Thrown as a text.
    pub(crate) fn worded(status: StatusCode, message: impl Into<Text>) -> Self {
        Self::new(status, Shape::Worded, message)
    }

    /// No exception of HTTP.
    pub(crate) fn bare(status: StatusCode, message: impl Into<Text>) -> Self {
        Self::new(status, Shape::Bare, message)
    }

    /// With the code that the clean profile adds.
    pub(crate) fn or_code(mut self, code: &'static str) -> Self {
        self.meant = Some((self.status, code));
        self
    }

    /// A validation that failed.
    pub(crate) fn invalid(message: impl Into<Text>) -> Self {
        Self::worded(StatusCode::BAD_REQUEST, message).or_code("VALIDATION_FAILED")
    }

    /// A client's mistake at which the product fails; the clean profile says what it is.
    pub(crate) fn stumbled(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Text>,
    ) -> Self {
        Self {
            meant: Some((status, code)),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, Shape::Bare, message)
        }
    }

    pub(crate) fn unauthorized(message: &'static str) -> Self {
        let code = match message {
            "Admin authentication required" => "AUTHENTICATION_REQUIRED",
            "Admin account not found" => "ADMIN_ACCOUNT_NOT_FOUND",
            "Admin session has been revoked" => "SESSION_REVOKED",
            "Invalid credentials" => "INVALID_CREDENTIALS",
            _ => "INVALID_SESSION",
        };
        Self::worded(StatusCode::UNAUTHORIZED, message).or_code(code)
    }

    /// Nothing is here.
    pub(crate) fn no_route(method: &str, target: &str) -> Self {
        let message = format!("Cannot {method} {target}");
        Self::worded(StatusCode::NOT_FOUND, message).or_code("ROUTE_NOT_FOUND")
    }

    /// No such permission, named as the caller named it.
    pub(crate) fn no_permission(id: &str) -> Self {
        let message = format!("Permission with id {id} not found");
        Self::worded(StatusCode::NOT_FOUND, message).or_code("PERMISSION_NOT_FOUND")
    }

    pub(crate) fn permission_exists(name: &Text, guard: &Text) -> Self {
        let sentence = "Permission '{}' with guard '{}' already exists";
        let message = Text::filled(sentence, &[name, guard]);
        Self::worded(StatusCode::CONFLICT, message).or_code("PERMISSION_ALREADY_EXISTS")
    }

    pub(crate) fn no_role(id: &str) -> Self {
        Self::coded(
            StatusCode::NOT_FOUND,
            "NotFoundException",
            "ROLE_NOT_FOUND",
            format!("Role with ID {id} not found"),
        )
    }

    pub(crate) fn guard_not_allowed(guard: &Text, allowed: &[String]) -> Self {
        let allowed = Text::from(allowed.join(", "));
        let sentence = "Guard '{}' is not allowed. Allowed guards: {}";
        Self::coded(
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            "GUARD_NOT_ALLOWED",
            Text::filled(sentence, &[guard, &allowed]),
        )
    }

    /// A role of this name is there, as somebody is told who wants one in this scope.
    pub(crate) fn role_exists(name: &Text, guard: &str, scope: &str) -> Self {
        let (guard, scope) = (Text::from(guard), Text::from(scope));
        let sentence = "Role with name '{}' already exists in guard '{}' for {}";
        Self::coded(
            StatusCode::CONFLICT,
            "ConflictException",
            "ROLE_ALREADY_EXISTS",
            Text::filled(sentence, &[name, &guard, &scope]),
        )
    }

    /// Permissions of a role that its guard does not have.
    pub(crate) fn no_permissions(guard: &str, missing: &[String]) -> Self {
        let message = match missing {
            [one] => format!("Permission '{one}' was not found for guard '{guard}'."),
            several => format!(
                "Permissions were not found for guard '{guard}': {}.",
                several.join(", ")
            ),
        };
        Self::coded(
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            "ROLE_PERMISSION_VALIDATION_FAILED",
            message,
        )
    }

    /// Nobody signs up any more.
    pub(crate) fn closed() -> Self {
        Self::coded(
            StatusCode::FORBIDDEN,
            "ForbiddenException",
            "ADMIN_BOOTSTRAP_CLOSED",
            "An admin already exists. Sign in and create additional admins from the dashboard.",
        )
    }

    /// Not the key that lets the first admin sign up.
    pub(crate) fn wrong_key() -> Self {
        Self::coded(
            StatusCode::UNAUTHORIZED,
            "UnauthorizedException",
            "INVALID_SECRET_KEY",
            "Invalid secret key",
        )
    }

    /// A request that another page may have made.
    pub(crate) fn forged() -> Self {
        Self::coded(
            StatusCode::FORBIDDEN,
            "ForbiddenException",
            "CSRF_TOKEN_INVALID",
            "Invalid or missing CSRF token.",
        )
    }

    pub(crate) fn too_many_attempts(wait_s: i64) -> Self {
        let message = "Too many requests. Please try again later.";
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::coded(status, "HttpException", "RATE_LIMITED", message).with_header(
            axum::http::header::RETRY_AFTER,
            HeaderValue::from(wait_s.max(1)),
        )
    }

    pub(crate) fn too_large() -> Self {
        Self::bare(StatusCode::PAYLOAD_TOO_LARGE, "request entity too large")
            .or_code("PAYLOAD_TOO_LARGE")
    }

    /// A header of ours that says nothing.
    pub(crate) fn header(message: String) -> Self {
        Self::worded(StatusCode::BAD_REQUEST, message).or_code("BAD_HEADER")
    }

    /// Something of ours is not there now.
    pub(crate) fn unavailable(after_s: u64) -> Self {
        let message = "The service is not available. Please try again.";
        let failure =
            Self::worded(StatusCode::SERVICE_UNAVAILABLE, message).or_code("SERVICE_UNAVAILABLE");
        let after = HeaderValue::from(after_s.max(1));
        failure.with_header(axum::http::header::RETRY_AFTER, after)
    }

    /// A fault of ours, which is logged here and shown to nobody.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self {
            ours: true,
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                Shape::Bare,
                "Internal server error",
            )
        }
    }

    pub(crate) fn at(mut self, revision: Revision) -> Self {
        self.revision = Some(Box::new(revision));
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// The status on the wire, and the one by which it is counted: a 500 that the product answers
    /// a client's mistake with is no fault of ours.
    pub(crate) fn statuses(&self, profile: Profile) -> (StatusCode, StatusCode) {
        let counted = match self.meant {
            Some((meant, _)) if !self.ours => meant,
            _ => self.status,
        };
        match profile {
            Profile::Faithful => (self.status, counted),
            Profile::Clean => (counted, counted),
        }
    }

    /// The body.
    pub(crate) fn body(&self, profile: Profile) -> String {
        let stumbled = self.status == StatusCode::INTERNAL_SERVER_ERROR;
        if stumbled && (profile == Profile::Faithful || self.ours) {
            return r#"{"statusCode":500,"message":"Internal server error"}"#.to_owned();
        }
        let (status, _) = self.statuses(profile);
        let code = match (self.shape, profile, self.meant) {
            (Shape::Coded(_, code), _, _) | (_, Profile::Clean, Some((_, code))) => Some(code),
            (Shape::Worded | Shape::Bare, _, _) => None,
        };
        let error = match self.shape {
            Shape::Coded(class, _) => Some(class),
            Shape::Worded => Some(reason(status)),
            Shape::Bare if stumbled => Some(reason(status)),
            Shape::Bare => None,
        };
        let mut body = format!("{{\"statusCode\":{}", status.as_u16());
        let (error, code) = (error.map(quoted), code.map(quoted));
        for (name, value) in [
            ("error", error.as_deref()),
            ("message", Some(&*self.message)),
            ("code", code.as_deref()),
        ] {
            if let Some(value) = value {
                body.push_str(",\"");
                body.push_str(name);
                body.push_str("\":");
                body.push_str(value);
            }
        }
        body.push('}');
        body
    }
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

impl From<writ_store::Error> for Failure {
    fn from(error: writ_store::Error) -> Self {
        Self::internal(&error)
    }
}
