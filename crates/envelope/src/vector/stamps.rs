//! Stamps, from the barest to the fullest.

use chrono::{DateTime, Utc};
use writ_domain::{Actor, CommandId, Expected, Idempotency, Stamp, TenantId, TenantSeq};

pub(super) fn all() -> Vec<(&'static str, Stamp)> {
    vec![
        ("bare", bare()),
        ("ordinary", ordinary()),
        ("full", full()),
        (
            "changed-at",
            Stamp {
                expected: Some(Expected::ChangedAt(TenantSeq(0))),
                ..bare()
            },
        ),
    ]
}

/// A stamp with all that one must have.
fn bare() -> Stamp {
    Stamp {
        command_id: id(0),
        tenant: tenant(),
        actor: Actor::default(),
        reason: None,
        ticket: None,
        request_id: None,
        not_after: None,
        idempotency: None,
        expected: None,
    }
}

/// The stamp of an ordinary request.
pub(super) fn ordinary() -> Stamp {
    let actor = Actor {
        subject: "b2xkLWNsaWVudC1pZC0x@clients".to_owned(),
        client: Some("b2xkLWNsaWVudC1pZC0x".to_owned()),
        address: Some("192.0.2.17".to_owned()),
        ..Actor::default()
    };
    Stamp {
        actor,
        request_id: Some("01976c6b4a8d7c61".to_owned()),
        not_after: Some(time(1_750_000_030_000_000)),
        ..bare()
    }
}

fn full() -> Stamp {
    Stamp {
        command_id: id(9),
        tenant: tenant(),
        actor: Actor {
            subject: "client@clients".to_owned(),
            client: Some("client".to_owned()),
            on_behalf_of: Some("auth0|ann".to_owned()),
            address: Some("2001:db8::1".to_owned()),
            user_agent: Some("auth0-node/4.0 \"é\"".to_owned()),
        },
        reason: Some("Left the company\n– see ticket".to_owned()),
        ticket: Some("OPS-1".to_owned()),
        request_id: Some("req-1".to_owned()),
        not_after: Some(time(1)),
        idempotency: Some(Idempotency {
            key: "once".to_owned(),
            fingerprint: [0xa5; 32],
        }),
        expected: Some(Expected::UnchangedSince(TenantSeq(41))),
    }
}

pub(super) fn id(n: u128) -> CommandId {
    CommandId::from_u128(0x0197_6c6b_4a8d_7000_8000_0000_0000_0000 + n)
}

pub(super) fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

#[expect(clippy::expect_used, reason = "a literal within the rules")]
fn tenant() -> TenantId {
    TenantId::try_new("default").expect("a tenant's name")
}
