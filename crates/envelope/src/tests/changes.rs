//! Entries as the feed tells them.

use serde_json::{Value, json};
use writ_domain::{Actor, Command, Fact, Outcome, Realm, RoleKey, RoleName, TenantSeq};

use crate::change::{About, Change, Entry};
use crate::{Hash, vector};

fn told(entry: &Entry<'_>) -> Value {
    serde_json::from_str(&Change::new(entry).to_json()).unwrap()
}

#[test]
fn a_change_says_who_what_why_and_how_it_ended() {
    let mut submission = vector::submission(Command::UpdateRole {
        realm: Realm::Native,
        role: "r".to_owned(),
        name: Some("new".to_owned()),
        description: None,
    });
    submission.stamp.actor = Actor {
        subject: "ann".to_owned(),
        ..Actor::default()
    };
    submission.stamp.reason = Some("because".to_owned());
    submission.stamp.ticket = Some("OPS-1".to_owned());
    let role = RoleName {
        key: RoleKey::from_stored(9),
        realm: Realm::Native,
        id: "r".to_owned(),
    };
    let renamed = Fact::RoleRenamed {
        role,
        before: "old".to_owned(),
        after: "new".to_owned(),
    };
    let entry = Entry {
        about: About::Command(&submission),
        placement: &vector::placement(),
        outcome: &Outcome::Applied,
        facts: &[renamed],
        hash: &Hash([0xab; 32]),
    };
    let expected = json!({
        "position": "0-3",
        "tenant_seq": 2,
        "time": "2025-06-15T15:06:40.123456Z",
        "command_id": "01976c6b-4a8d-7000-8000-000000000000",
        "kind": "UpdateRole",
        "actor": { "subject": "ann" },
        "reason": "because",
        "ticket": "OPS-1",
        "request_id": "01976c6b4a8d7c61",
        "outcome": { "type": "applied" },
        "facts": [{
            "type": "RoleRenamed",
            "role": { "key": 9, "realm": "native", "id": "r" },
            "before": "old",
            "after": "new",
        }],
        "hash": "ab".repeat(32),
    });
    assert_eq!(told(&entry), expected);
}

#[test]
fn a_broken_record_is_told_without_a_command() {
    let mut placement = vector::placement();
    placement.tenant_seq = TenantSeq(7);
    let entry = Entry {
        about: About::Broken,
        placement: &placement,
        outcome: &Outcome::Invalid {
            problem: "is not UTF-8".to_owned(),
        },
        facts: &[],
        hash: &Hash::ZERO,
    };
    let expected = json!({
        "position": "0-3",
        "tenant_seq": 7,
        "time": "2025-06-15T15:06:40.123456Z",
        "outcome": { "type": "invalid", "problem": "is not UTF-8" },
        "facts": [],
        "hash": "00".repeat(32),
    });
    assert_eq!(told(&entry), expected);
}

#[test]
fn facts_that_are_left_out_are_counted() {
    let submission = vector::submission(Command::Batch(Vec::new()));
    let facts: Vec<Fact> = vector::facts().into_iter().map(|(_, fact)| fact).collect();
    let placement = vector::placement();
    let entry = Entry {
        about: About::Command(&submission),
        placement: &placement,
        outcome: &Outcome::Applied,
        facts: &facts,
        hash: &Hash::ZERO,
    };
    let whole = told(&entry);
    let mut without: Value =
        serde_json::from_str(&Change::without_facts(&entry).to_json()).unwrap();
    assert_eq!(without["facts_omitted"], facts.len());
    assert_eq!(without["facts"], json!([]));
    without["facts"] = whole["facts"].clone();
    without.as_object_mut().unwrap().remove("facts_omitted");
    assert_eq!(without, whole);
}

#[test]
fn a_seal_is_told_by_its_kind_alone() {
    let placement = vector::placement();
    let entry = Entry {
        about: About::Seal,
        placement: &placement,
        outcome: &Outcome::Unchanged,
        facts: &[],
        hash: &Hash::ZERO,
    };
    let expected = json!({
        "position": "0-3",
        "tenant_seq": 2,
        "time": "2025-06-15T15:06:40.123456Z",
        "kind": "seal",
        "outcome": { "type": "unchanged" },
        "facts": [],
        "hash": "00".repeat(32),
    });
    assert_eq!(told(&entry), expected);
}
