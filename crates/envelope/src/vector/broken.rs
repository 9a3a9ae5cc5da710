//! Bytes that are no submission. Whether they are, and in what words not, is frozen as well.

use serde_json::{Value, json};

use super::hex;
use crate::codec::{DecodeError, decode};

const COMMAND: &str = r#"{"type":"DeleteRole","realm":"native","role":"r"}"#;
const ID: &str = r#""01976c6b-4a8d-7000-8000-000000000000""#;

pub(super) fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let stamps = stamps().into_iter().chain(stamp_parts());
    let commands = commands().into_iter().chain(command_parts());
    let texts = texts()
        .into_iter()
        .chain(stamps)
        .chain(commands)
        .chain(versions());
    let mut cases: Vec<_> = texts
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    cases.extend([
        ("not-utf8-in-a-text", {
            let mut bytes = record("", r#"{"subject":"a"}"#, COMMAND).into_bytes();
            bytes
                .iter_mut()
                .filter(|byte| **byte == b'a')
                .take(3)
                .for_each(|byte| *byte = 0xff);
            bytes
        }),
        ("newer-but-not-utf8", b"{\"v\":2,\"\xff\":1}".to_vec()),
    ]);
    cases
}

pub(super) fn to_json(bytes: &[u8]) -> Value {
    let error = match decode(bytes) {
        Ok(_) => Value::Null,
        Err(DecodeError::Newer { version }) => json!({ "newer": version }),
        Err(DecodeError::Broken { problem }) => json!({ "broken": problem }),
    };
    match core::str::from_utf8(bytes) {
        Ok(value) => json!({ "value": value, "error": error }),
        Err(_source) => json!({ "value_hex": hex(bytes), "error": error }),
    }
}

/// A record that is right, but for what is put into it.
fn record(extra: &str, actor: &str, command: &str) -> String {
    format!(
        r#"{{"v":1,"command_id":{ID},"tenant":"default","actor":{actor}{extra},"command":{command}}}"#
    )
}

fn with(extra: &str) -> String {
    record(extra, r#"{"subject":"s"}"#, COMMAND)
}

fn asking(command: &str) -> String {
    record("", r#"{"subject":"s"}"#, command)
}

fn texts() -> Vec<(&'static str, String)> {
    let right = with("");
    vec![
        ("empty", String::new()),
        ("white-space", " \n".to_owned()),
        ("truncated", right.chars().take(40).collect()),
        ("trailing-bytes", format!("{right}x")),
        ("two-values", format!("{right}{right}")),
        ("byte-order-mark", format!("\u{feff}{right}")),
        ("nul-after", format!("{right}\0")),
        ("nul-raw-in-a-text", with(",\"reason\":\"\0\"")),
        ("half-a-surrogate", with(r#","reason":"\ud800""#)),
        ("not-an-object", "[1]".to_owned()),
        (
            "a-list-of-fields",
            format!(r#"[1,{ID},"default",{{"subject":"s"}},{COMMAND}]"#),
        ),
        (
            "too-deep",
            with(&format!(",\"reason\":{}{}", "[".repeat(64), "]".repeat(64))),
        ),
        ("very-deep", "[".repeat(1000)),
        ("number-out-of-range", with(r#","reason":1e999"#)),
        ("comment", format!("{right}//")),
    ]
}

fn stamps() -> Vec<(&'static str, String)> {
    let actor = |actor: &str| record("", actor, COMMAND);
    let right = with("");
    vec![
        ("field-twice", with(r#","tenant":"default""#)),
        ("field-unknown", with(r#","colour":"red""#)),
        ("field-with-an-odd-name", with(",\"\\u0000~/é\\n\":1")),
        ("field-missing", right.replace(r#""tenant":"default","#, "")),
        (
            "field-null",
            right.replace(r#""tenant":"default""#, r#""tenant":null"#),
        ),
        ("tenant-illegal", right.replace("default", "Default")),
        ("tenant-reserved", right.replace("default", "~0")),
        (
            "id-without-hyphens",
            right.replace(ID, r#""01976c6b4a8d70008000000000000000""#),
        ),
        (
            "id-in-braces",
            right.replace(ID, r#""{01976c6b-4a8d-7000-8000-000000000000}""#),
        ),
        ("actor-a-list", actor(r#"["s"]"#)),
        ("actor-without-subject", actor("{}")),
        ("subject-holds-nul", actor(r#"{"subject":"\u0000"}"#)),
        (
            "subject-too-long",
            actor(&format!(r#"{{"subject":"{}"}}"#, "s".repeat(513))),
        ),
        (
            "address-too-long",
            actor(&format!(
                r#"{{"subject":"s","address":"{}"}}"#,
                "1".repeat(129)
            )),
        ),
        (
            "reason-too-long",
            with(&format!(r#","reason":"{}""#, "r".repeat(4097))),
        ),
        ("reason-a-number", with(r#","reason":1"#)),
    ]
}

fn stamp_parts() -> Vec<(&'static str, String)> {
    vec![
        (
            "not-after-in-seconds",
            with(r#","not_after":"2026-01-31T23:59:59Z""#),
        ),
        (
            "not-after-with-an-offset",
            with(r#","not_after":"2026-01-31T23:59:59.000000+00:00""#),
        ),
        (
            "not-after-leap-second",
            with(r#","not_after":"2026-12-31T23:59:60.000000Z""#),
        ),
        (
            "not-after-no-such-day",
            with(r#","not_after":"2026-02-30T00:00:00.000000Z""#),
        ),
        (
            "fingerprint-short",
            with(r#","idempotency":{"key":"k","fingerprint":"00"}"#),
        ),
        (
            "key-holds-nul",
            with(&format!(
                r#","idempotency":{{"key":"\u0000","fingerprint":"{}"}}"#,
                "00".repeat(32)
            )),
        ),
        (
            "expected-both",
            with(r#","expected":{"changed_at":1,"unchanged_since":1}"#),
        ),
        ("expected-neither", with(r#","expected":{}"#)),
        (
            "expected-a-fraction",
            with(r#","expected":{"changed_at":1.0}"#),
        ),
        (
            "expected-negative",
            with(r#","expected":{"changed_at":-1}"#),
        ),
        (
            "expected-beyond-u64",
            with(r#","expected":{"changed_at":18446744073709551616}"#),
        ),
    ]
}

fn commands() -> Vec<(&'static str, String)> {
    vec![
        (
            "command-without-type",
            asking(r#"{"realm":"native","role":"r"}"#),
        ),
        ("command-unknown", asking(r#"{"type":"DropEverything"}"#)),
        (
            "command-in-lower-case",
            asking(r#"{"type":"deleteRole","realm":"native","role":"r"}"#),
        ),
        ("command-a-list", asking(r#"["DeleteRole","native","r"]"#)),
        (
            "command-by-its-name",
            asking(r#"{"DeleteRole":{"realm":"native","role":"r"}}"#),
        ),
        (
            "command-field-unknown",
            asking(r#"{"type":"DeleteRole","realm":"native","role":"r","x":1}"#),
        ),
        (
            "command-field-twice",
            asking(r#"{"type":"DeleteRole","realm":"native","role":"r","role":"r"}"#),
        ),
        (
            "command-without-realm",
            asking(r#"{"type":"DeleteRole","role":"r"}"#),
        ),
        (
            "realm-unknown",
            asking(r#"{"type":"DeleteRole","realm":"camunda8","role":"r"}"#),
        ),
        (
            "realm-an-object",
            asking(r#"{"type":"DeleteRole","realm":{"native":null},"role":"r"}"#),
        ),
        (
            "role-without-id",
            asking(r#"{"type":"CreateRole","realm":"native","name":"n"}"#),
        ),
    ]
}

fn command_parts() -> Vec<(&'static str, String)> {
    vec![
        (
            "permission-a-list",
            asking(
                r#"{"type":"GrantRolePermissions","realm":"native","role":"r","permissions":[["a","b"]]}"#,
            ),
        ),
        (
            "permission-incomplete",
            asking(
                r#"{"type":"GrantRolePermissions","realm":"native","role":"r","permissions":[{"api":"a","name":"n"},{"api":"a"}]}"#,
            ),
        ),
        (
            "setting-twice",
            asking(
                r#"{"type":"RegisterUser","realm":"native","id":"u","profile":{"a":"1","a":"2"}}"#,
            ),
        ),
        (
            "setting-a-value",
            asking(r#"{"type":"RegisterUser","realm":"native","id":"u","profile":{"a":1}}"#),
        ),
        (
            "in-a-batch",
            asking(
                r#"{"type":"Batch","commands":[{"type":"DeleteRole","realm":"native","role":null}]}"#,
            ),
        ),
        (
            "denial-count-beyond-u32",
            asking(
                r#"{"type":"RecordDenial","operation":"o","denial":{"type":"InsufficientScope","required":[]},"count":4294967296}"#,
            ),
        ),
    ]
}

fn versions() -> Vec<(&'static str, String)> {
    let right = with("");
    let version = |version: &str| right.replace(r#"{"v":1,"#, version);
    let deep = format!("{{\"v\":3,\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    vec![
        ("version-missing", version("{")),
        ("version-zero", version(r#"{"v":0,"#)),
        ("version-text", version(r#"{"v":"2","#)),
        ("version-fraction", version(r#"{"v":2.0,"#)),
        ("version-negative", version(r#"{"v":-2,"#)),
        ("version-twice", version(r#"{"v":2,"v":2,"#)),
        ("version-in-a-list", r#"[{"v":2}]"#.to_owned()),
        ("newer-of-the-same-shape", version(r#"{"v":2,"#)),
        (
            "newer-of-another-shape",
            r#" {"x":[{"v":1}],"x":1e999,"v":18446744073709551615} "#.to_owned(),
        ),
        ("newer-and-deep", deep),
        ("newer-but-truncated", r#"{"v":2,"x":"#.to_owned()),
        ("newer-but-trailing", r#"{"v":2} x"#.to_owned()),
    ]
}
