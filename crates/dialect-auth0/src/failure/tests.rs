use core::time::Duration;

use writ_command::SubmitError;
use writ_domain::{
    CommandId, Denial, Limited, Outcome, Partition, Rejection, TenantSeq, TextProblem,
};

use super::{Failure, Named, failure};

fn text(text: &str) -> String {
    text.to_owned()
}

fn body(failure: &Failure) -> String {
    failure.envelope().to_string()
}

fn envelope(status: u16, error: &str, message: &str, code: &str) -> String {
    let code = if code.is_empty() {
        String::new()
    } else {
        format!(r#","errorCode":"{code}""#)
    };
    format!(r#"{{"statusCode":{status},"error":"{error}","message":"{message}"{code}}}"#)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a row for each rejection")]
fn rejections_are_auth0s_refusals() {
    use Named::{ApisByBody, ByPath, Deleted, UsersByBody};
    let too_many = |what| Rejection::TooMany { what, limit: 1_000 };
    let no_api = || Rejection::NoSuchApi {
        api: text("https://a/"),
    };
    let no_user = || Rejection::NoSuchUser { user: text("u") };
    let (not_found, bad, conflict) = ("Not Found", "Bad Request", "Conflict");
    for (rejection, named, status, error, message, code) in [
        (
            no_api(),
            ByPath,
            404,
            not_found,
            "The resource server does not exist",
            "inexistent_resource_server",
        ),
        (
            no_api(),
            ApisByBody,
            404,
            not_found,
            "The resource server does not exist: 'https://a/'",
            "inexistent_resource_server",
        ),
        (
            Rejection::NoSuchPermission {
                api: text("https://a/"),
                name: text("p"),
            },
            ApisByBody,
            404,
            not_found,
            "This permission does not exist: 'https://a/ - p'",
            "inexistent_resource_server_permission",
        ),
        (
            Rejection::NoSuchRole { role: text("r") },
            ByPath,
            404,
            not_found,
            "The role does not exist.",
            "",
        ),
        (
            no_user(),
            ByPath,
            404,
            not_found,
            "The user does not exist.",
            "inexistent_user",
        ),
        (
            no_user(),
            UsersByBody,
            404,
            not_found,
            "One or more of the users do not exist.",
            "inexistent_user",
        ),
        (
            Rejection::ApiExists {
                identifier: text("i"),
            },
            ByPath,
            409,
            conflict,
            "A resource server with the same identifier already exists",
            "resource_server_conflict",
        ),
        (
            Rejection::RoleExists { name: text("n") },
            ByPath,
            409,
            conflict,
            "The role already exists.",
            "role_conflict",
        ),
        (
            Rejection::UserExists { user: text("u") },
            ByPath,
            409,
            conflict,
            "The user already exists.",
            "auth0_idp_error",
        ),
        (
            Rejection::ApiIsSystem { api: text("a") },
            ByPath,
            400,
            bad,
            "System resource servers cannot be patched.",
            "",
        ),
        (
            Rejection::ApiIsSystem { api: text("a") },
            Deleted,
            400,
            bad,
            "System resource servers cannot be deleted.",
            "",
        ),
        (
            too_many(Limited::Roles),
            ByPath,
            403,
            "Forbidden",
            "You reached the limit of entities of this type for this tenant.",
            "too_many_entities",
        ),
        (
            too_many(Limited::Apis),
            ByPath,
            403,
            "Forbidden",
            "You reached the limit of entities of this type for this tenant.",
            "too_many_entities",
        ),
        (
            too_many(Limited::UserPermissions),
            ApisByBody,
            400,
            bad,
            "No more permissions can be assigned to this user.",
            "",
        ),
        (
            too_many(Limited::RolePermissions),
            ApisByBody,
            400,
            bad,
            "No more permissions can be assigned to this role.",
            "",
        ),
        (
            too_many(Limited::UserRoles),
            ByPath,
            400,
            bad,
            "No more roles can be assigned to this user.",
            "",
        ),
        (
            Rejection::BadText {
                field: text("name"),
                problem: TextProblem::HoldsNul,
            },
            ByPath,
            400,
            bad,
            "Payload validation error: 'String holds the character U+0000' on property name.",
            "invalid_body",
        ),
        (
            Rejection::Stale {
                changed_at: TenantSeq(7),
            },
            ByPath,
            412,
            "Precondition Failed",
            "The resource has changed since it was read.",
            "",
        ),
        (
            Rejection::IdempotencyKeyReused { of: TenantSeq(7) },
            ByPath,
            422,
            "Unprocessable Entity",
            "The idempotency key was used for another request.",
            "",
        ),
    ] {
        let expected = envelope(status, error, message, code);
        let outcome = Outcome::Rejected(rejection.clone());
        assert_eq!(
            body(&failure(&outcome, named).unwrap()),
            expected,
            "{rejection:?}"
        );
        // What a batch was rejected for is what its request was refused for.
        let in_batch = Rejection::InBatch {
            index: 1,
            rejection: Box::new(rejection),
        };
        assert_eq!(
            body(&failure(&Outcome::Rejected(in_batch), named).unwrap()),
            expected
        );
    }
}

#[test]
fn lists_that_the_rules_refuse_are_bad_bodies() {
    for rejection in [
        Rejection::PermissionTwice {
            name: text("read:a"),
        },
        Rejection::PermissionReserved {
            name: text("email"),
        },
        Rejection::TooMany {
            what: Limited::ApiPermissions,
            limit: 1_000,
        },
        Rejection::TooMany {
            what: Limited::Items,
            limit: 10_000,
        },
    ] {
        let failure = failure(&Outcome::Rejected(rejection), Named::ByPath).unwrap();
        assert_eq!(failure.status().as_u16(), 400);
        assert!(
            body(&failure).contains(r#""errorCode":"invalid_body""#),
            "{}",
            body(&failure)
        );
    }
}

#[test]
fn a_halted_ledger_takes_no_writes_now() {
    let failure = Failure::from(SubmitError::Halted {
        partition: Partition(0),
        retry_after: Duration::from_secs(5),
    });
    assert_eq!(failure.status().as_u16(), 503);
    assert_eq!(failure.headers()[0].0, "retry-after");
    assert_eq!(failure.headers()[0].1, "5");
    let unavailable = Failure::unavailable(Duration::from_secs(1));
    assert_eq!(body(&failure), body(&unavailable));
}

#[test]
fn other_outcomes() {
    assert_eq!(failure(&Outcome::Applied, Named::ByPath), None);
    assert_eq!(failure(&Outcome::Unchanged, Named::ByPath), None);
    let expired = failure(&Outcome::Expired, Named::ByPath).unwrap();
    assert_eq!(expired.status().as_u16(), 503);
    assert_eq!(expired.headers()[0].0, "retry-after");
    let denied = Denial::InsufficientScope {
        required: vec![text("a"), text("b")],
    };
    let denied = failure(&Outcome::Denied(denied), Named::ByPath).unwrap();
    assert_eq!(
        body(&denied),
        envelope(
            403,
            "Forbidden",
            "Insufficient scope, expected any of: a, b",
            "insufficient_scope"
        )
    );
    for outcome in [
        Outcome::Duplicate { of: TenantSeq(1) },
        Outcome::Invalid { problem: text("p") },
        Outcome::Rejected(Rejection::NotInBatch),
        Outcome::Rejected(Rejection::AlreadyDecided {
            command: CommandId::nil(),
            at: TenantSeq(1),
        }),
    ] {
        let failure = failure(&outcome, Named::ByPath).unwrap();
        assert_eq!(
            body(&failure),
            envelope(
                500,
                "Internal Server Error",
                "An internal server error occurred",
                ""
            )
        );
    }
}
