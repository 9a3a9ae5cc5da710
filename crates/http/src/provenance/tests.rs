//! Headers as rows: what was sent, what is read of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn read(header: &'static str, values: &[&[u8]]) -> Result<Provenance, ProvenanceError> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(
            HeaderName::from_bytes(header.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value).unwrap(),
        );
    }
    Provenance::from_headers(&headers)
}

type Get = fn(Provenance) -> Option<String>;

const REASON: (&str, Get) = ("Writ-Reason", |own| own.reason);
const TICKET: (&str, Get) = ("Writ-Ticket", |own| own.ticket);
const ON_BEHALF_OF: (&str, Get) = ("Writ-On-Behalf-Of", |own| own.on_behalf_of);
const KEY: (&str, Get) = ("Idempotency-Key", |own| own.idempotency_key);
const REQUEST_ID: (&str, Get) = ("X-Request-Id", |own| own.request_id);

#[test]
fn without_headers_nothing_is_said() {
    assert_eq!(
        Provenance::from_headers(&HeaderMap::new()),
        Ok(Provenance::default())
    );
}

#[test]
fn what_is_sane_is_read() {
    let rows: &[((&str, Get), &str, &str)] = &[
        (REASON, "left the company", "left the company"),
        (REASON, "  padded \t", "padded"),
        (REASON, "d%C3%A9part%20de%20Ann", "départ de Ann"),
        (REASON, "départ de Ann", "départ de Ann"),
        (
            REASON,
            "gave 100 % of 5%25 back, %zz",
            "gave 100 % of 5% back, %zz",
        ),
        (
            REASON,
            "שלום \u{200F}ok 👩\u{200D}🔧",
            "שלום \u{200F}ok 👩\u{200D}🔧",
        ),
        (TICKET, "INC-1234", "INC-1234"),
        (TICKET, "CHG 77", "CHG 77"),
        (TICKET, "100%25", "100%25"),
        (ON_BEHALF_OF, "auth0|123", "auth0|123"),
        (ON_BEHALF_OF, "auth0%7C123", "auth0%7C123"),
        (ON_BEHALF_OF, "Åsa Öberg", "Åsa Öberg"),
        (KEY, "8e03978e-40d5", "8e03978e-40d5"),
        (KEY, "\"8e03978e-40d5\"", "8e03978e-40d5"),
        (KEY, r#""a\"b\\c""#, r#"a"b\c"#),
        (KEY, r#"a"b\c"#, r#"a"b\c"#),
        (REQUEST_ID, "req/1;2", "req/1;2"),
    ];
    for ((header, get), sent, expected) in rows {
        let read = read(header, &[sent.as_bytes()]).map(get);
        assert_eq!(read, Ok(Some((*expected).to_owned())), "{header}: {sent}");
    }
}

#[test]
fn what_is_not_sane_is_refused_by_name() {
    type Refuse = fn(&'static str) -> ProvenanceError;
    const EMPTY: Refuse = |header| ProvenanceError::Empty { header };
    const NOT_UTF8: Refuse = |header| ProvenanceError::NotUtf8 { header };
    const INVISIBLE: Refuse = |header| ProvenanceError::Invisible { header };
    const BAD_STRING: Refuse = |header| ProvenanceError::BadString { header };
    const BAD_TAGS: Refuse = |header| ProvenanceError::BadEntityTags { header };
    let rows: &[(&'static str, &[u8], Refuse)] = &[
        ("Writ-Reason", b"", EMPTY),
        ("Writ-Reason", b"   ", EMPTY),
        ("Writ-Reason", b"%20%20", INVISIBLE),
        ("Writ-Reason", b"%C3", NOT_UTF8),
        ("Writ-Reason", b"\xff", NOT_UTF8),
        ("Writ-Reason", b"a%0Ab", INVISIBLE),
        ("Writ-Reason", b"a%00b", INVISIBLE),
        ("Writ-Reason", b"a%7Fb", INVISIBLE),
        ("Writ-Reason", b"a\tb", INVISIBLE),
        ("Writ-Reason", "a\u{202E}b".as_bytes(), INVISIBLE),
        ("Writ-Reason", b"a%E2%80%8Bb", INVISIBLE),
        ("Writ-Reason", "a\u{2028}b".as_bytes(), INVISIBLE),
        ("Writ-Ticket", b"", EMPTY),
        ("Writ-Ticket", b"\xc3\x28", NOT_UTF8),
        ("Writ-On-Behalf-Of", b"", EMPTY),
        ("Writ-On-Behalf-Of", "a\u{FEFF}".as_bytes(), INVISIBLE),
        ("Idempotency-Key", b"", EMPTY),
        ("Idempotency-Key", b"\"\"", EMPTY),
        ("Idempotency-Key", b"a b", INVISIBLE),
        ("Idempotency-Key", b"\"a b\"", INVISIBLE),
        ("Idempotency-Key", b"one, two", INVISIBLE),
        ("Idempotency-Key", "é".as_bytes(), INVISIBLE),
        ("Idempotency-Key", b"\"open", BAD_STRING),
        ("Idempotency-Key", b"\"", BAD_STRING),
        ("Idempotency-Key", b"\"a\";b=1", BAD_STRING),
        ("Idempotency-Key", b"\"a\\n\"", BAD_STRING),
        ("Idempotency-Key", b"\"a\\", BAD_STRING),
        ("X-Request-Id", b"", EMPTY),
        ("X-Request-Id", b"a b", INVISIBLE),
        ("If-Match", b"", EMPTY),
        ("If-Match", b"abc", BAD_TAGS),
        ("If-Match", b"\"abc", BAD_TAGS),
        ("If-Match", b"\"a\" \"b\"", BAD_TAGS),
        ("If-Match", b"\"a b\"", BAD_TAGS),
        ("If-Match", b"w/\"a\"", BAD_TAGS),
        ("If-Match", b"*, \"a\"", BAD_TAGS),
        ("If-Match", b",", BAD_TAGS),
        ("If-Match", b"\"\xff\"", NOT_UTF8),
    ];
    for (header, sent, refuse) in rows {
        let sent_text = String::from_utf8_lossy(sent);
        assert_eq!(
            read(header, &[sent]),
            Err(refuse(header)),
            "{header}: {sent_text}"
        );
    }
}

#[test]
fn the_limits_are_in_bytes_and_inclusive() {
    let rows: &[((&'static str, Get), usize)] = &[
        (REASON, 1_024),
        (TICKET, 255),
        (ON_BEHALF_OF, 1_024),
        (KEY, 255),
        (REQUEST_ID, 255),
    ];
    for ((header, get), limit) in rows {
        let longest = "x".repeat(*limit);
        assert_eq!(
            read(header, &[longest.as_bytes()]).map(get),
            Ok(Some(longest.clone()))
        );
        let longer = format!("{longest}x");
        let too_long = ProvenanceError::TooLong {
            header,
            limit: *limit,
        };
        assert_eq!(read(header, &[longer.as_bytes()]), Err(too_long));
    }
    let encoded = "%C3%A9".repeat(512);
    let read_reason = read("Writ-Reason", &[encoded.as_bytes()]).unwrap().reason;
    assert_eq!(read_reason, Some("é".repeat(512)), "counted as decoded");
    let quoted = format!("\"{}\"", "x".repeat(255));
    assert!(
        read("Idempotency-Key", &[quoted.as_bytes()]).is_ok(),
        "counted without quotes"
    );
}

#[test]
fn a_repeated_header_is_refused_even_if_it_says_the_same() {
    for (header, _) in [REASON, TICKET, ON_BEHALF_OF, KEY, REQUEST_ID] {
        let repeated = ProvenanceError::Repeated { header };
        assert_eq!(read(header, &[b"a", b"b"]), Err(repeated));
        assert_eq!(read(header, &[b"a", b"a"]), Err(repeated));
    }
}

#[test]
fn preconditions_are_star_or_tags() {
    let strong = |tag: &str| EntityTag {
        weak: false,
        tag: tag.into(),
    };
    let weak = |tag: &str| EntityTag {
        weak: true,
        tag: tag.into(),
    };
    let rows: &[(&[&[u8]], IfMatch)] = &[
        (&[b"*"], IfMatch::Any),
        (&[b" * "], IfMatch::Any),
        (&[b"\"a\""], IfMatch::Tags(vec![strong("a")])),
        (&[b"\"\""], IfMatch::Tags(vec![strong("")])),
        (&[b"W/\"a\""], IfMatch::Tags(vec![weak("a")])),
        (
            &[b"\"a,b\" ,,\tW/\"c\","],
            IfMatch::Tags(vec![strong("a,b"), weak("c")]),
        ),
        (
            &[b"\"a\"", b"\"b\""],
            IfMatch::Tags(vec![strong("a"), strong("b")]),
        ),
    ];
    for (sent, expected) in rows {
        let if_match = read("If-Match", sent).unwrap().if_match;
        assert_eq!(if_match.as_ref(), Some(expected), "{sent:?}");
    }
}

#[test]
fn a_precondition_compares_strongly() {
    let rows = [
        ("*", true),
        ("\"now\"", true),
        ("\"then\", \"now\"", true),
        ("\"then\"", false),
        ("W/\"now\"", false),
        ("\"NOW\"", false),
    ];
    for (sent, expected) in rows {
        let if_match = read("If-Match", &[sent.as_bytes()])
            .unwrap()
            .if_match
            .unwrap();
        assert_eq!(if_match.matches("now"), expected, "{sent}");
    }
}

#[test]
fn an_error_is_a_problem_that_names_the_header() {
    let problem = Problem::from(ProvenanceError::Empty {
        header: "Writ-Ticket",
    });
    assert_eq!(problem.code(), "bad-header");
    assert_eq!(problem.extensions()["header"], "Writ-Ticket");
    assert_eq!(problem.detail(), Some("the header Writ-Ticket is empty"));
}
