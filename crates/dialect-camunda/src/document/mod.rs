//! What clients are told of the routes.
//!
//! Refusals are shown as they are answered, in both profiles. A test compares with `routes`.

mod operations;
mod shapes;
#[cfg(test)]
mod tests;

use core::time::Duration;

use serde_json::Value;
use writ_domain::{Denial, Outcome, Rejection, TenantSeq, camunda};
use writ_http::document::{BASIC, Content, Document, Operation, Rights};

use crate::failure::{About, Failure, failure};
use crate::state::Profile;

const AUTHORIZATIONS: &str = "Camunda authorizations";
const USERS: &str = "Camunda users";
const GROUPS: &str = "Camunda groups";

/// Everything that is said of the routes here.
#[must_use]
pub fn document() -> Document {
    Document::new()
        .tag(
            AUTHORIZATIONS,
            "Camunda 7: authorizations, and checks against them. Every path may be asked below \
             `/engine-rest/engine/default` too.",
        )
        .tag(USERS, "Camunda 7: users and their passwords.")
        .tag(GROUPS, "Camunda 7: groups and their members.")
        .operations(operations::all())
        .schemas(shapes::schemas())
}

/// What a route says of itself before what all routes have in common.
struct Told(Operation);

impl Told {
    fn new(operation: Operation) -> Self {
        Self(operation)
    }

    /// Shows something.
    fn shows(self, schema: &str, example: Value) -> Self {
        let content = Content::json(schema).example("as the engine shows it", example);
        Self(
            self.0
                .answers(200, "OK", content)
                .carries(200, &["Writ-Revision"]),
        )
    }

    /// Does something, and has nothing to say.
    fn does(self) -> Self {
        Self(self.0.answer(204, "Done").carries(204, &["Writ-Revision"]))
    }

    fn takes(self, schema: &str, example: Value) -> Self {
        let content = Content::json(schema).example("what the engine takes", example);
        self.bodied(content)
    }

    fn bodied(self, content: Content) -> Self {
        Self(self.0.body([content]))
            .refuses("a body that cannot be read", &|_| Failure::unreadable())
            .refuses("no body", &Failure::null)
            .refuses("too large", &|_| Failure::too_large())
            .refuses("not JSON by its type", &|_| Failure::unsupported())
    }

    /// A refusal, in both profiles.
    fn refuses(self, name: &str, refusal: &dyn Fn(Profile) -> Failure) -> Self {
        let told = self.refused(name, "As the engine answers", &refusal(Profile::Faithful));
        let clean = refusal(Profile::Clean);
        if clean.status == refusal(Profile::Faithful).status {
            return told;
        }
        told.refused(name, "In the profile `clean`", &clean)
    }

    fn refused(self, name: &str, description: &str, failure: &Failure) -> Self {
        let status = failure.status.as_u16();
        Self(match failure.text() {
            Some(text) => {
                let content = Content::json("CamundaError").sample(name, &text);
                self.0.answers(status, description, content)
            }
            None => self.0.answer(status, name),
        })
    }

    /// A rejection by the rules.
    fn rejects(self, name: &str, about: About, rejection: &Rejection) -> Self {
        let outcome = Outcome::Rejected(rejection.clone());
        self.refuses(name, &|profile| {
            failure(&outcome, about, profile).unwrap_or_else(Failure::unreadable)
        })
    }

    /// A right that the caller lacks.
    fn denies(self, permission: &str, resource_type: i32, id: Option<&str>) -> Self {
        let outcome = Outcome::Denied(Denial::MissingPermission {
            user: "demo".to_owned(),
            permission: permission.to_owned(),
            resource_type,
            resource_id: id.map(str::to_owned),
        });
        self.refuses("a right is missing", &|profile| {
            failure(&outcome, About::Removal, profile).unwrap_or_else(Failure::unreadable)
        })
    }

    /// A write, of something that is there already or not yet.
    fn writes(self, about: About) -> Self {
        let told = Self(self.0.headers(&[
            "Writ-Reason",
            "Writ-Ticket",
            "Writ-On-Behalf-Of",
            "Idempotency-Key",
            "If-Match",
        ]));
        let stale = Rejection::Stale {
            changed_at: TenantSeq(4),
        };
        let reused = Rejection::IdempotencyKeyReused { of: TenantSeq(3) };
        told.rejects("it has changed", about, &stale).rejects(
            "the key of another request",
            about,
            &reused,
        )
    }

    /// With what every route has.
    fn done(self) -> Operation {
        let told = self
            .refuses("a header that cannot be read", &|_| {
                Failure::header("the header Writ-Reason is empty")
            })
            .refuses("no credentials, or wrong ones", &|_| {
                Failure::unauthenticated()
            })
            .refuses("not acceptable", &|_| Failure::not_acceptable())
            .refuses("not now", &|_| Failure::unavailable(Duration::from_secs(1)));
        told.0
            .rights(Rights::of(BASIC))
            .headers(&["X-Request-Id"])
            .carries(401, &["WWW-Authenticate"])
            .edge()
    }
}

const AUTHORIZATION: i32 = camunda::resource::AUTHORIZATION;
const USER: i32 = camunda::resource::USER;
const GROUP: i32 = camunda::resource::GROUP;
