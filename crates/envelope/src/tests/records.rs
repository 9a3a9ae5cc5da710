//! Records, facts and outcomes: what goes in comes out; what cannot go in does no harm.

use proptest::collection::vec;
use proptest::prelude::*;
use writ_domain::{Command, JsonText, PermissionRef, Realm, Submission};

use super::strategy::{fact, outcome, submission};
use crate::limits::{self, NAME_BYTES_MAX, RECORD_BYTES_MAX};
use crate::{
    DecodeError, decode, encode, facts_from_json, facts_json, outcome_from_json, outcome_json,
    vector,
};

proptest! {
    #[test]
    fn a_submission_comes_back_from_its_bytes(submission in submission()) {
        let bytes = encode(&submission);
        prop_assert!(limits::check(&submission.stamp).is_ok());
        prop_assert_eq!(decode(&bytes), Ok(submission));
    }

    #[test]
    fn facts_come_back_from_their_text(facts in vec(fact(), 0..5)) {
        let text = facts_json(&facts);
        prop_assert_eq!(facts_from_json(&text), Ok(facts));
    }

    #[test]
    fn an_outcome_comes_back_from_its_text(outcome in outcome()) {
        let text = outcome_json(&outcome);
        prop_assert_eq!(outcome_from_json(&text), Ok(outcome));
    }

    #[test]
    fn arbitrary_bytes_are_broken(bytes in vec(any::<u8>(), 0..200)) {
        let broken = matches!(decode(&bytes), Err(DecodeError::Broken { .. }));
        prop_assert!(broken);
    }

    #[test]
    fn mutated_bytes_are_read_or_refused_in_short_words(
        submission in submission(),
        edits in vec((any::<prop::sample::Index>(), edit()), 1..4),
    ) {
        let mut bytes = encode(&submission);
        for (at, edit) in edits {
            let at = at.index(bytes.len().max(1));
            edit.make(&mut bytes, at);
        }
        match decode(&bytes) {
            // What is read is read to the last bit: it can be written and read again.
            Ok(read) => prop_assert_eq!(decode(&encode(&read)), Ok(read)),
            Err(DecodeError::Newer { version }) => prop_assert!(version > 1),
            Err(DecodeError::Broken { problem }) => {
                prop_assert!(problem.len() < 2000, "{}", problem);
                prop_assert!(problem.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", problem);
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Edit {
    Put(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Cut,
}

fn edit() -> impl Strategy<Value = Edit> {
    let pieces: Vec<&[u8]> = vec![
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"null",
        b"\\u0000",
        b"\"v\":2,",
        b"\0",
        b"1e9",
    ];
    prop_oneof![
        any::<u8>().prop_map(Edit::Put),
        prop::sample::select(pieces).prop_map(|piece| Edit::Insert(piece.to_vec())),
        (1_usize..20).prop_map(Edit::Remove),
        Just(Edit::Cut),
    ]
}

impl Edit {
    fn make(self, bytes: &mut Vec<u8>, at: usize) {
        let at = at.min(bytes.len());
        match self {
            Self::Put(byte) => {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            Self::Insert(piece) => {
                bytes.splice(at..at, piece);
            }
            Self::Remove(count) => {
                let end = at.saturating_add(count).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Cut => bytes.truncate(at),
        }
    }
}

fn grant() -> Submission {
    let permission = PermissionRef {
        api: "https://api.example.com/".to_owned(),
        name: "read:a".to_owned(),
    };
    vector::submission(Command::GrantRolePermissions {
        realm: Realm::Auth0,
        role: "rol_PLkzsmkOO5C6XeSE".to_owned(),
        permissions: vec![permission],
    })
}

#[test]
fn an_ordinary_grant_takes_at_most_450_bytes() {
    let bytes = encode(&grant());
    assert!(bytes.len() <= 450, "{} bytes", bytes.len());
}

#[test]
fn a_record_may_be_as_long_as_the_limit_and_not_longer() {
    let padded = |bytes_len: usize| {
        let mut bytes = encode(&grant());
        bytes.resize(bytes_len, b' ');
        decode(&bytes)
    };
    assert_eq!(padded(RECORD_BYTES_MAX), Ok(grant()));
    let problem = format!("has more than {RECORD_BYTES_MAX} bytes");
    assert_eq!(
        padded(RECORD_BYTES_MAX + 1),
        Err(DecodeError::Broken { problem })
    );
}

#[test]
fn a_newer_record_is_known_as_one_however_long() {
    let long = format!(r#"{{"x":"{}","v":2}}"#, "x".repeat(RECORD_BYTES_MAX));
    assert_eq!(
        decode(long.as_bytes()),
        Err(DecodeError::Newer { version: 2 })
    );
}

#[test]
fn what_check_refuses_cannot_be_read_back() {
    for subject in ["s".repeat(NAME_BYTES_MAX + 1), "a\0b".to_owned()] {
        let mut submission = grant();
        submission.stamp.actor.subject = subject;
        let fault = limits::check(&submission.stamp).unwrap_err();
        let problem = fault.to_string();
        assert_eq!(
            decode(&encode(&submission)),
            Err(DecodeError::Broken { problem })
        );
    }
}

#[test]
fn the_last_change_to_a_setting_counts() {
    let change = |value: &str| ("a".to_owned(), Some(JsonText(value.to_owned())));
    let other = ("b".to_owned(), None);
    let update = |profile| {
        vector::submission(Command::UpdateUser {
            realm: Realm::Native,
            user: "ann".to_owned(),
            profile,
        })
    };
    let twice = update(vec![change("1"), other.clone(), change("2")]);
    assert_eq!(
        decode(&encode(&twice)),
        Ok(update(vec![change("2"), other]))
    );
}

#[test]
fn what_is_finer_than_a_microsecond_is_cut_off() {
    let mut submission = grant();
    let exact = submission.stamp.not_after.unwrap();
    submission.stamp.not_after = Some(exact + chrono::TimeDelta::nanoseconds(999));
    assert_eq!(
        decode(&encode(&submission)).unwrap().stamp.not_after,
        Some(exact)
    );
    for (far, near) in [
        (
            chrono::DateTime::<chrono::Utc>::MAX_UTC,
            "9999-12-31T23:59:59.999999Z",
        ),
        (
            chrono::DateTime::<chrono::Utc>::MIN_UTC,
            "0000-01-01T00:00:00Z",
        ),
    ] {
        submission.stamp.not_after = Some(far);
        let read = decode(&encode(&submission)).unwrap().stamp.not_after;
        assert_eq!(read, Some(near.parse().unwrap()));
    }
}
