//! An outcome and a rejection of every kind.

use writ_domain::{Denial, Limited, Outcome, Rejection, TenantSeq, TextProblem};

use super::{api, nestauth, odd, stamps};

/// All but `invalid`, which has no submission.
pub(super) fn all() -> Vec<(&'static str, Outcome)> {
    let denial = Denial::InsufficientScope {
        required: vec!["update:roles".to_owned(), "ledger:write".to_owned()],
    };
    let outcomes = [
        Outcome::Applied,
        Outcome::Unchanged,
        Outcome::Rejected(Rejection::NoSuchRole {
            role: "rol_1".to_owned(),
        }),
        Outcome::Denied(denial),
        Outcome::Expired,
        Outcome::Duplicate { of: TenantSeq(1) },
    ];
    let mut all: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| (outcome.kind(), outcome))
        .collect();
    let missing = Outcome::Denied(super::camunda::denial());
    all.push(("denied-MissingPermission", missing));
    all.push(("denied-CsrfToken", Outcome::Denied(Denial::CsrfToken)));
    all
}

pub(super) fn rejections() -> Vec<(&'static str, Rejection)> {
    let bad_text = |problem| Rejection::BadText {
        field: "name".to_owned(),
        problem,
    };
    let mut all: Vec<(&'static str, Rejection)> = missing()
        .into_iter()
        .chain(forbidden())
        .chain(order())
        .chain(super::camunda::rejections())
        .map(|rejection| (rejection.kind(), rejection))
        .collect();
    all.extend([
        ("BadText-Empty", bad_text(TextProblem::Empty)),
        ("BadText-HoldsNul", bad_text(TextProblem::HoldsNul)),
        ("BadText-NotJson", bad_text(TextProblem::NotJson)),
    ]);
    all.extend(super::camunda::problems());
    let limits = [
        ("TooMany-Apis", Limited::Apis),
        ("TooMany-ApiPermissions", Limited::ApiPermissions),
        ("TooMany-Roles", Limited::Roles),
        ("TooMany-RolePermissions", Limited::RolePermissions),
        ("TooMany-UserPermissions", Limited::UserPermissions),
        ("TooMany-UserRoles", Limited::UserRoles),
        ("TooMany-LinkedSubjects", Limited::LinkedSubjects),
    ];
    all.extend(limits.map(|(name, what)| (name, Rejection::TooMany { what, limit: 1000 })));
    all.extend(nestauth::rejections());
    all
}

fn missing() -> Vec<Rejection> {
    vec![
        Rejection::NoSuchApi { api: api() },
        Rejection::NoSuchPermission {
            api: api(),
            name: "read:a".to_owned(),
        },
        Rejection::NoSuchRole { role: odd() },
        Rejection::NoSuchUser {
            user: "auth0|1".to_owned(),
        },
    ]
}

fn forbidden() -> Vec<Rejection> {
    vec![
        Rejection::ApiExists { identifier: api() },
        Rejection::RoleExists {
            name: "Editor".to_owned(),
        },
        Rejection::UserExists {
            user: "auth0|1".to_owned(),
        },
        Rejection::ApiIsSystem { api: api() },
        Rejection::PermissionTwice {
            name: "read:a".to_owned(),
        },
        Rejection::PermissionReserved {
            name: "openid".to_owned(),
        },
        Rejection::TooMany {
            what: Limited::Items,
            limit: u32::MAX,
        },
        Rejection::BadText {
            field: "identifier".to_owned(),
            problem: TextProblem::TooLong { limit_bytes: 512 },
        },
    ]
}

fn order() -> Vec<Rejection> {
    vec![
        Rejection::Stale {
            changed_at: TenantSeq(u64::MAX),
        },
        Rejection::NotInBatch,
        Rejection::InBatch {
            index: 1,
            rejection: Box::new(Rejection::NotInBatch),
        },
        Rejection::Cancelled { by: TenantSeq(1) },
        Rejection::AlreadyDecided {
            command: stamps::id(7),
            at: TenantSeq(1),
        },
        Rejection::IdempotencyKeyReused { of: TenantSeq(1) },
    ]
}
