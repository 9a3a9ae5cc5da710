//! Marks and seals.

use writ_domain::Partition;

use crate::hash::{Hash, Header};
use crate::restore::{Mark, Seal, is_reserved};
use crate::{DecodeError, vector};

fn mark() -> Mark {
    let placement = vector::placement();
    Mark {
        position: placement.position,
        time: placement.time,
        chain: Hash([0xab; 32]),
    }
}

fn header(name: &str, value: &str) -> Header {
    (name.to_owned(), value.as_bytes().to_vec())
}

#[test]
fn marks_are_written_as_ever() {
    let expected = [
        header("writ-restore-position", "0-3"),
        header("writ-restore-time", "1750000000123456"),
        header("writ-restore-chain", &"ab".repeat(32)),
    ];
    assert_eq!(mark().headers(), expected);
}

#[test]
fn the_last_mark_is_split_off_and_forged_ones_stay() {
    let own = [vec![header("a", "b")], mark().headers().to_vec()].concat();
    let headers = [own.clone(), mark().headers().to_vec()].concat();
    let (found, rest) = Mark::split(&headers).unwrap();
    assert_eq!((found, rest), (mark(), own.as_slice()));
    assert!(is_reserved(rest));
    assert!(!is_reserved(&[header("a", "b"), header("writ-restor", "")]));
}

#[test]
fn what_is_not_written_as_a_mark_is_none() {
    let right = mark().headers();
    assert!(Mark::split(&right).is_some());
    for (at, value) in [
        (0, "0-03"),
        (0, "x"),
        (1, "+1750000000123456"),
        (1, "01"),
        (1, ""),
        (1, "99999999999999999999"),
        (2, &"AB".repeat(32)),
        (2, "ab"),
    ] {
        let mut headers = right.clone();
        headers[at].1 = value.as_bytes().to_vec();
        assert_eq!(Mark::split(&headers), None, "{at} {value}");
    }
    let [position, time, chain] = right;
    assert_eq!(
        Mark::split(&[time.clone(), position.clone(), chain.clone()]),
        None
    );
    assert_eq!(Mark::split(&[position.clone(), time.clone()]), None);
    assert_eq!(Mark::split(&[position, time, chain, header("a", "")]), None);
}

#[test]
fn a_seal_reads_back() {
    let seal = vector::seal();
    assert_eq!(Seal::decode(&seal.encode()), Ok(seal));
    assert_eq!(seal.key(), b"~0");
    assert!(Seal::owns(&seal.key()) && !Seal::owns(b"default"));
}

#[test]
fn a_seal_that_was_not_written_so_is_broken_or_newer() {
    let text = String::from_utf8(vector::seal().encode()).unwrap();
    let problem = |text: &str| match Seal::decode(text.as_bytes()) {
        Err(DecodeError::Broken { problem }) => problem,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(problem("{\"v\":1}"), "/seal: is missing");
    let wide = text.replace("\"partition\":0", "\"partition\":65536");
    assert_eq!(
        problem(&wide),
        "/seal/partition: must be a whole number from 0 to 65535"
    );
    let more = text.replace("\"records\"", "\"x\":1,\"records\"");
    assert_eq!(problem(&more), "/seal/x: is not a known field");
    let newer = text.replace("\"v\":1", "\"v\":2");
    assert_eq!(
        Seal::decode(newer.as_bytes()),
        Err(DecodeError::Newer { version: 2 })
    );
}

#[test]
fn a_seal_is_of_one_place() {
    let right = vector::seal();
    assert_eq!(right.check(&right), Ok(()));
    let partition = Seal {
        partition: Partition(1),
        ..right
    };
    let records = Seal {
        records: 3,
        ..right
    };
    let chain = Seal {
        chain: Hash::ZERO,
        ..right
    };
    for (other, problem) in [
        (partition, "is the seal of another partition"),
        (records, "is the seal of another number of records"),
        (chain, "is the seal of other records"),
    ] {
        assert_eq!(other.check(&right), Err(problem));
    }
}
