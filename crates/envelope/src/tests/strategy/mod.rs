//! Arbitrary submissions, facts and outcomes, with the texts that break parsers.

mod camunda;
mod command;
mod fact;
mod nestauth;

use chrono::{DateTime, Utc};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use writ_domain::{
    Actor, CommandId, Denial, Expected, Idempotency, JsonText, Limited, Outcome, PermissionRef,
    PermissionSpec, Realm, Rejection, Settings, Stamp, Submission, TenantId, TenantSeq,
    TextProblem,
};

pub(super) use command::command;
pub(super) use fact::fact;

/// Any text at all.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        "[a-z:|/]{0,12}",
        any::<String>(),
        "[\\x00-\\x1f\"\\\\/\u{7f}-\u{a0}\u{2028}\u{feff}\u{10ffff}]{0,8}",
        Just("},\"v\":2,{".to_owned()),
    ]
    .boxed()
}

/// A text that a stamp may hold.
fn stamp_text() -> BoxedStrategy<String> {
    text()
        .prop_map(|text| text.chars().filter(|c| *c != '\0').take(30).collect())
        .boxed()
}

fn realm() -> impl Strategy<Value = Realm> {
    prop::sample::select(Realm::ALL.to_vec())
}

fn id() -> impl Strategy<Value = CommandId> {
    any::<u128>().prop_map(CommandId::from_u128)
}

fn seq() -> impl Strategy<Value = TenantSeq> {
    any::<u64>().prop_map(TenantSeq)
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (-62_167_219_200_000_000_i64..=253_402_300_799_999_999)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

fn json_text() -> BoxedStrategy<JsonText> {
    text().prop_map(JsonText).boxed()
}

fn settings() -> BoxedStrategy<Settings> {
    btree_map(text(), json_text(), 0..4).boxed()
}

fn changes() -> BoxedStrategy<Vec<(String, Option<JsonText>)>> {
    // Names once each, in any order.
    btree_map(text(), option::of(json_text()), 0..4)
        .prop_map(|changes| changes.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
        .boxed()
}

fn spec() -> impl Strategy<Value = PermissionSpec> {
    (text(), option::of(text()))
        .prop_map(|(name, description)| PermissionSpec { name, description })
}

fn permission_ref() -> impl Strategy<Value = PermissionRef> {
    (text(), text()).prop_map(|(api, name)| PermissionRef { api, name })
}

fn denial() -> impl Strategy<Value = Denial> {
    prop_oneof![
        vec(text(), 0..3).prop_map(|required| Denial::InsufficientScope { required }),
        camunda::denial(),
    ]
}

pub(super) fn submission() -> impl Strategy<Value = Submission> {
    (stamp(), command()).prop_map(|(stamp, command)| Submission { stamp, command })
}

fn stamp() -> impl Strategy<Value = Stamp> {
    let optional = || option::of(stamp_text());
    let actor = (stamp_text(), optional(), optional(), optional(), optional()).prop_map(
        |(subject, client, on_behalf_of, address, user_agent)| Actor {
            subject,
            client,
            on_behalf_of,
            address,
            user_agent,
        },
    );
    let idempotency = (stamp_text(), any::<[u8; 32]>())
        .prop_map(|(key, fingerprint)| Idempotency { key, fingerprint });
    let expected = prop_oneof![
        seq().prop_map(Expected::UnchangedSince),
        seq().prop_map(Expected::ChangedAt)
    ];
    let tenant = "[a-z0-9-]{1,63}".prop_map(|name| TenantId::try_new(&name).unwrap());
    let words = (optional(), optional(), optional());
    let terms = (
        option::of(time()),
        option::of(idempotency),
        option::of(expected),
    );
    (id(), tenant, actor, words, terms).prop_map(
        |(command_id, tenant, actor, (reason, ticket, request_id), terms)| {
            let (not_after, idempotency, expected) = terms;
            Stamp {
                command_id,
                tenant,
                actor,
                reason,
                ticket,
                request_id,
                not_after,
                idempotency,
                expected,
            }
        },
    )
}

pub(super) fn outcome() -> BoxedStrategy<Outcome> {
    prop_oneof![
        Just(Outcome::Applied),
        Just(Outcome::Unchanged),
        Just(Outcome::Expired),
        seq().prop_map(|of| Outcome::Duplicate { of }),
        text().prop_map(|problem| Outcome::Invalid { problem }),
        denial().prop_map(Outcome::Denied),
        rejection().prop_map(Outcome::Rejected),
    ]
    .boxed()
}

fn rejection() -> BoxedStrategy<Rejection> {
    let limited = prop::sample::select(vec![Limited::Apis, Limited::Items, Limited::UserRoles]);
    let problem = prop_oneof![
        Just(TextProblem::Empty),
        Just(TextProblem::HoldsNul),
        Just(TextProblem::NotJson),
        any::<u32>().prop_map(|limit_bytes| TextProblem::TooLong { limit_bytes }),
    ];
    let single = prop_oneof![
        text().prop_map(|api| Rejection::NoSuchApi { api }),
        (text(), text()).prop_map(|(api, name)| Rejection::NoSuchPermission { api, name }),
        text().prop_map(|role| Rejection::NoSuchRole { role }),
        text().prop_map(|user| Rejection::NoSuchUser { user }),
        text().prop_map(|name| Rejection::PermissionTwice { name }),
        (text(), vec(text(), 0..3))
            .prop_map(|(api, names)| Rejection::NoSuchPermissions { api, names }),
        realm().prop_map(|realm| Rejection::NotInRealm { realm }),
        (limited, any::<u32>()).prop_map(|(what, limit)| Rejection::TooMany { what, limit }),
        (text(), problem).prop_map(|(field, problem)| Rejection::BadText { field, problem }),
        seq().prop_map(|changed_at| Rejection::Stale { changed_at }),
        Just(Rejection::NotInBatch),
        (id(), seq()).prop_map(|(command, at)| Rejection::AlreadyDecided { command, at }),
        camunda::rejection(),
    ];
    let in_batch = |inner: BoxedStrategy<Rejection>| {
        (any::<u32>(), inner).prop_map(|(index, rejection)| Rejection::InBatch {
            index,
            rejection: Box::new(rejection),
        })
    };
    single.prop_recursive(2, 4, 1, in_batch).boxed()
}
