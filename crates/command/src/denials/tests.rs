//! Which denials are recorded by themselves, which are counted, and which find no room.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use writ_domain::{NounKind, Realm};

use super::*;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
}

fn denials() -> Denials {
    let one = NonZeroU32::MIN;
    Denials::new(
        DenialRate {
            per_second: one,
            burst: one,
        },
        Arc::new(Still),
    )
}

fn refusal(subject: &str, operation: &str, target: &str) -> Refusal {
    Refusal {
        caller: Caller {
            tenant: TenantId::try_new("default").unwrap(),
            subject: subject.to_owned(),
            client_id: None,
            scopes: BTreeSet::new(),
            address: None,
            user_agent: None,
            auth0_client: None,
        },
        provenance: Provenance::default(),
        operation: operation.to_owned(),
        target: Some(NounRef {
            realm: Realm::Auth0,
            kind: NounKind::Role,
            id: target.to_owned(),
        }),
        denial: Denial::InsufficientScope {
            required: vec!["a".to_owned()],
        },
    }
}

fn counts(denials: &Denials) -> Vec<(String, Option<String>, u32)> {
    let told = |counted: Counted| {
        let Refusal {
            operation, target, ..
        } = counted.refusal;
        (operation, target.map(|noun| noun.id), counted.count)
    };
    denials.take().into_iter().map(told).collect()
}

#[test]
fn one_entry_names_one_target_or_none() {
    let denials = denials();
    assert!(matches!(
        denials.refuse(refusal("ann", "A", "r1")),
        Verdict::Record(_)
    ));
    for (operation, target) in [
        ("A", "r1"),
        ("A", "r1"),
        ("B", "r1"),
        ("B", "r2"),
        ("B", "r2"),
    ] {
        let verdict = denials.refuse(refusal("ann", operation, target));
        assert!(matches!(verdict, Verdict::Counted));
    }
    let expected = [
        ("A".to_owned(), Some("r1".to_owned()), 2),
        ("B".to_owned(), None, 3),
    ];
    assert_eq!(counts(&denials), expected);
    assert_eq!(counts(&denials), []);
}

#[test]
fn what_could_not_be_recorded_is_counted_on() {
    let denials = denials();
    assert!(matches!(
        denials.refuse(refusal("ann", "A", "r1")),
        Verdict::Record(_)
    ));
    assert!(matches!(
        denials.refuse(refusal("ann", "A", "r1")),
        Verdict::Counted
    ));
    let taken = denials.take();
    assert!(matches!(
        denials.refuse(refusal("ann", "A", "r1")),
        Verdict::Counted
    ));
    assert!(taken.into_iter().all(|counted| denials.give_back(counted)));
    assert_eq!(
        counts(&denials),
        [("A".to_owned(), Some("r1".to_owned()), 2)]
    );
}

#[test]
fn who_finds_no_room_is_not_counted() {
    let denials = denials();
    for number in 0..=COUNTS_MAX {
        let verdict = denials.refuse(refusal("ann", &format!("op {number}"), "r"));
        assert!(!matches!(verdict, Verdict::NoRoom), "{number}");
    }
    assert!(matches!(
        denials.refuse(refusal("ann", "one more", "r")),
        Verdict::NoRoom
    ));
    // What is counted already is counted on.
    assert!(matches!(
        denials.refuse(refusal("ann", "op 7", "r")),
        Verdict::Counted
    ));
    assert_eq!(denials.take().len(), COUNTS_MAX);
}
