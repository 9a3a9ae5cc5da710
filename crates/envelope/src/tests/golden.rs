//! The committed vectors: every one is read, written again and hashed again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use writ_domain::{Offset, Outcome, Position, TenantId, TenantSeq};

use crate::hash::{self, Hash, Header, LeafInput};
use crate::restore::Seal;
use crate::{
    DecodeError, decode, encode, encode_key, facts_from_json, facts_json, outcome_from_json,
    outcome_json, vectors,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

/// Every committed case below a directory of `schemas/vectors/v1`.
fn committed(kind: &str) -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for file in fs::read_dir(root().join("vectors/v1").join(kind)).unwrap() {
        let path = file.unwrap().path();
        let case = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        cases.push((path.display().to_string(), case));
    }
    assert!(!cases.is_empty(), "{kind}");
    cases
}

fn text<'a>(case: &'a Value, pointer: &str) -> &'a str {
    case.pointer(pointer).and_then(Value::as_str).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn vectors_are_committed_as_they_are_made() {
    for (path, contents) in vectors() {
        let committed = fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(
            committed == contents,
            "{path} is frozen, or not written yet"
        );
    }
}

#[test]
fn no_two_vectors_share_a_file() {
    let all = vectors();
    let paths: BTreeMap<&str, &str> = all
        .iter()
        .map(|(path, case)| (path.as_str(), case.as_str()))
        .collect();
    assert_eq!(paths.len(), all.len());
}

#[test]
fn entries_are_read_written_and_hashed_as_ever() {
    for kind in ["command", "fact", "outcome", "rejection", "stamp"] {
        for (path, case) in committed(kind) {
            check_texts(&path, &case);
            check_hashes(&path, &case);
        }
    }
}

fn check_texts(path: &str, case: &Value) {
    let facts = text(case, "/facts");
    assert_eq!(
        facts_json(&facts_from_json(facts).unwrap()),
        facts,
        "{path}"
    );
    let outcome = text(case, "/outcome");
    let read = outcome_from_json(outcome).unwrap();
    assert_eq!(outcome_json(&read), outcome, "{path}");
    let value = text(case, "/record/value").as_bytes();
    if let Outcome::Invalid { problem } = read {
        assert_eq!(
            decode(value),
            Err(DecodeError::Broken { problem }),
            "{path}"
        );
        assert_eq!(case["command_id"], Value::Null, "{path}");
        return;
    }
    let submission = decode(value).unwrap();
    assert_eq!(encode(&submission), value, "{path}");
    let stamp = submission.stamp;
    assert_eq!(
        encode_key(&stamp.tenant),
        text(case, "/record/key").as_bytes(),
        "{path}"
    );
    assert_eq!(
        stamp.command_id.to_string(),
        text(case, "/command_id"),
        "{path}"
    );
}

#[test]
fn seals_are_read_written_and_hashed_as_ever() {
    for (path, case) in committed("seal") {
        let value = text(&case, "/record/value").as_bytes();
        let seal = Seal::decode(value).unwrap();
        assert_eq!(seal.encode(), value, "{path}");
        assert_eq!(seal.key(), text(&case, "/record/key").as_bytes(), "{path}");
        assert_eq!(case["command_id"], Value::Null, "{path}");
        assert!(decode(value).is_err(), "{path}: no seal is a command");
        check_hashes(&path, &case);
    }
}

fn check_hashes(path: &str, case: &Value) {
    let expected = |name: &str| {
        text(case, &format!("/hashes/{name}"))
            .parse::<Hash>()
            .unwrap()
    };
    let (key, value) = (text(case, "/record/key"), text(case, "/record/value"));
    let header = |header: &Value| {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        (name.to_owned(), unhex(value))
    };
    let headers = case
        .pointer("/record/headers_hex")
        .and_then(Value::as_array)
        .unwrap();
    let headers: Vec<Header> = headers.iter().map(header).collect();
    let record = hash::record_hash(key.as_bytes(), value.as_bytes(), &headers);
    assert_eq!(record, expected("record"), "{path}");

    let time = text(case, "/time").parse().unwrap();
    let leaf = hash::leaf(&LeafInput {
        position: text(case, "/position").parse::<Position>().unwrap(),
        tenant: &TenantId::from_stored(text(case, "/tenant")).unwrap(),
        tenant_seq: TenantSeq(case["tenant_seq"].as_u64().unwrap()),
        time,
        record_hash: record,
        outcome_json: text(case, "/outcome"),
        command_id: case["command_id"].as_str().map(|id| id.parse().unwrap()),
        facts_json: text(case, "/facts"),
        rules_version: u32::try_from(case["rules_version"].as_u64().unwrap()).unwrap(),
    });
    assert_eq!(leaf, expected("leaf"), "{path}");
    assert_eq!(
        hash::chain(&expected("previous"), &leaf),
        expected("chain"),
        "{path}"
    );
    let offset = Offset(case["offset"].as_u64().unwrap());
    let anchor = hash::anchor(offset, time, key.as_bytes(), &headers, value.as_bytes());
    assert_eq!(anchor, expected("anchor"), "{path}");
}

#[test]
fn broken_and_newer_records_are_refused_as_ever() {
    for (path, case) in committed("broken") {
        let bytes = match (case["value"].as_str(), case["value_hex"].as_str()) {
            (Some(value), None) => value.as_bytes().to_vec(),
            (None, Some(hex)) => unhex(hex),
            other => panic!("{path}: {other:?}"),
        };
        let expected = match (&case["error"]["newer"], &case["error"]["broken"]) {
            (version, Value::Null) => DecodeError::Newer {
                version: version.as_u64().unwrap(),
            },
            (_, problem) => DecodeError::Broken {
                problem: problem.as_str().unwrap().to_owned(),
            },
        };
        assert_eq!(decode(&bytes), Err(expected), "{path}");
    }
}

/// The layout of a leaf, put together by hand once, so that the description is not just the code.
#[test]
fn a_leaf_is_laid_out_as_described() {
    use sha2::{Digest, Sha256};
    let sha = |bytes: Vec<u8>| -> [u8; 32] { Sha256::digest(bytes).into() };
    let tenant = TenantId::try_new("ab").unwrap();
    let made = hash::leaf(&LeafInput {
        position: "1-2".parse().unwrap(),
        tenant: &tenant,
        tenant_seq: TenantSeq(3),
        time: "1970-01-01T00:00:00.000004Z".parse().unwrap(),
        record_hash: Hash([5; 32]),
        outcome_json: "{}",
        command_id: None,
        facts_json: "[]",
        rules_version: 6,
    });
    let be = |number: u64| number.to_be_bytes().to_vec();
    let outcome = sha([b"writ/outcome/v1\0".to_vec(), be(2), b"{}".to_vec()].concat());
    let contents = sha([
        b"writ/contents/v1\0".to_vec(),
        vec![0],
        be(2),
        b"[]".to_vec(),
    ]
    .concat());
    let leaf = sha([
        b"writ/leaf/v1\0".to_vec(),
        vec![0, 1],
        be(2),
        be(2),
        b"ab".to_vec(),
        be(3),
        be(4),
        vec![5; 32],
        outcome.to_vec(),
        contents.to_vec(),
        vec![0, 0, 0, 6],
    ]
    .concat());
    assert_eq!(made, Hash(leaf));
}

#[test]
fn the_headers_of_a_restore_do_not_change_a_record() {
    let header = |name: &str| (name.to_owned(), b"x".to_vec());
    let plain = hash::record_hash(b"k", b"v", &[header("a")]);
    let restored = [
        header("writ-restore-time"),
        header("a"),
        header("writ-restore-hash"),
    ];
    assert_eq!(hash::record_hash(b"k", b"v", &restored), plain);
    let near = [header("a"), header("writ-restor")];
    assert_ne!(hash::record_hash(b"k", b"v", &near), plain);
    let time = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_ne!(
        hash::anchor(Offset(0), time, b"k", &restored, b"v"),
        hash::anchor(Offset(0), time, b"k", &[header("a")], b"v"),
    );
}

#[test]
fn a_hash_reads_back_and_has_one_spelling() {
    let hash = hash::chain(&Hash::ZERO, &Hash([0xab; 32]));
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(hash::chain8(&hash)[..], hash.0[..8]);
    for bad in [
        "",
        "00",
        &"0".repeat(63),
        &"0".repeat(65),
        &"A".repeat(64),
        &"é".repeat(32),
    ] {
        assert_eq!(bad.parse::<Hash>(), Err(hash::ParseHashError), "{bad}");
    }
}
