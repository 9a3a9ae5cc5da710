//! What clients are told of the routes.
//!
//! Refusals are shown as they are answered, in both profiles. A test compares with the router.

mod operations;
mod shapes;

use axum::http::StatusCode;
use serde_json::Value;
use writ_http::document::{COOKIE, CSRF_HEADER, Content, Document, Operation, Parameter, Rights};

use crate::failure::Failure;
use crate::state::Profile;

const CONSOLE: &str = "Nest Auth session";
const PERMISSIONS: &str = "Nest Auth permissions";
const ROLES: &str = "Nest Auth roles";

/// Everything that is said of the routes here.
#[must_use]
pub fn document() -> Document {
    Document::new()
        .tag(CONSOLE, "Nest Auth's console: signing up, in and out.")
        .tag(PERMISSIONS, "Nest Auth's console: permissions of guards.")
        .tag(ROLES, "Nest Auth's console: roles of guards.")
        .operations(operations::all())
        .schemas(shapes::schemas())
}

/// The routes that are told of.
#[cfg(test)]
pub(crate) fn operations() -> Vec<Operation> {
    operations::all()
}

/// What a route says of itself before what all routes have in common.
struct Told(Operation);

impl Told {
    fn parameter(self, parameter: Parameter) -> Self {
        Self(self.0.parameter(parameter))
    }

    fn shows(self, status: u16, schema: &str, example: Value) -> Self {
        let content = Content::json(schema).example("as the console shows it", example);
        let told = self
            .0
            .answers(status, "Done", content)
            .carries(status, &["Writ-Revision", "ETag"]);
        if told.route().0 == "GET" {
            let told = told.answer(304, "What `If-None-Match` names is still right");
            return Self(told.carries(304, &["ETag"]));
        }
        Self(told)
    }

    fn takes(self, schema: &str, example: Value) -> Self {
        let content = Content::json(schema).example("what the console takes", example);
        let broken = "Expected property name or '}' in JSON at position 1";
        Self(self.0.body([content]))
            .refuses(
                "not JSON",
                &Failure::worded(StatusCode::BAD_REQUEST, broken),
            )
            .refuses("too large", &Failure::too_large())
    }

    /// A refusal, in both profiles.
    fn refuses(self, name: &str, failure: &Failure) -> Self {
        let (status, _) = failure.statuses(Profile::Faithful);
        let told = self.refused(name, "As the product answers", failure, Profile::Faithful);
        if failure.statuses(Profile::Clean).0 == status
            && failure.body(Profile::Clean) == failure.body(Profile::Faithful)
        {
            return told;
        }
        let clean = format!("{name} (profile clean)");
        told.refused(
            &clean,
            "In the profile `clean`, with a code",
            failure,
            Profile::Clean,
        )
    }

    fn refused(self, name: &str, description: &str, failure: &Failure, profile: Profile) -> Self {
        let (status, _) = failure.statuses(profile);
        let content = Content::json("NestAuthError").sample(name, &failure.body(profile));
        Self(self.0.answers(status.as_u16(), description, content))
    }

    /// For who has a session.
    fn session(self) -> Self {
        let told = Self(self.0.rights(Rights::of(COOKIE)));
        told.refuses(
            "no session",
            &Failure::unauthorized("Admin authentication required"),
        )
        .refuses(
            "a session that ended",
            &Failure::unauthorized("Admin session has been revoked"),
        )
    }

    /// A write on record.
    fn writes(self) -> Self {
        let reused = "The idempotency key was used for another request";
        let reused = Failure::worded(StatusCode::UNPROCESSABLE_ENTITY, reused);
        let token = Parameter::header(
            CSRF_HEADER,
            "What the cookie `nest_auth_csrf` holds, where forgeries are looked for.",
        );
        Self(self.0.parameter(token).headers(&[
            "Writ-Reason",
            "Writ-Ticket",
            "Writ-On-Behalf-Of",
            "Idempotency-Key",
        ]))
        .refuses("a forged request", &Failure::forged())
        .refuses(
            "the key of another request",
            &reused.or_code("IDEMPOTENCY_KEY_REUSED"),
        )
        .refuses(
            "a header that cannot be read",
            &Failure::header("the header Writ-Reason is empty".to_owned()),
        )
    }

    /// With what every route has.
    fn done(self) -> Operation {
        let told = self.refuses("not now", &Failure::unavailable(1));
        let ours = Content::json("NestAuthError").sample(
            "our fault",
            r#"{"statusCode":500,"message":"Internal server error"}"#,
        );
        told.0
            .answers(500, "As the product answers", ours)
            .headers(&["X-Request-Id"])
            .edge()
    }
}
