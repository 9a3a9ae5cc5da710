//! Commands as callers write them.

use proptest::prelude::*;
use serde_json::json;
use writ_domain::{Command, NounKind, Realm, Settings};

use super::strategy::command;
use crate::v1::{self, Mirror as _};
use crate::{Fault, command_from_json, command_from_value};

fn read(text: &str) -> Result<Command, Fault> {
    let mut count = 0;
    command_from_json(text.as_bytes(), &mut |kind: NounKind| {
        count += 1;
        format!("{}_{count}", kind.as_str())
    })
}

fn holds_denial(command: &Command) -> bool {
    if let Command::Batch(commands) = command {
        return commands.iter().any(holds_denial);
    }
    command.kind() == "RecordDenial"
}

proptest! {
    #[test]
    fn a_command_comes_back_from_its_json(command in command()) {
        let read = read(&crate::json::compact(&v1::Command::of(&command)));
        if holds_denial(&command) {
            prop_assert!(read.is_err());
        } else {
            prop_assert_eq!(read, Ok(command));
        }
    }
}

#[test]
fn realm_and_ids_may_be_left_out() {
    let batch = r#"{"type":"Batch","commands":[
        {"type":"CreateApi","identifier":"invoices"},
        {"type":"CreateRole","name":"Editor","id":"mine","realm":"auth0"},
        {"type":"RegisterUser"}
    ]}"#;
    let expected = Command::Batch(vec![
        Command::CreateApi {
            realm: Realm::Native,
            id: "api_1".to_owned(),
            identifier: "invoices".to_owned(),
            name: None,
            settings: Settings::new(),
            permissions: None,
        },
        Command::CreateRole {
            realm: Realm::Auth0,
            id: "mine".to_owned(),
            name: "Editor".to_owned(),
            description: None,
        },
        Command::RegisterUser {
            realm: Realm::Native,
            id: "user_2".to_owned(),
            profile: Settings::new(),
        },
    ]);
    assert_eq!(read(batch), Ok(expected.clone()));
    let value: serde_json::Value = serde_json::from_str(batch).unwrap();
    let mut ids = ["api_1", "user_2"].into_iter();
    let from_value = command_from_value(&value, &mut |_| ids.next().unwrap().to_owned());
    assert_eq!(from_value, Ok(expected));
}

#[test]
fn a_fault_says_where() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for (text, path, problem) in [
        ("", "", "is not one JSON value of at most 64 levels"),
        (
            deep.as_str(),
            "",
            "is not one JSON value of at most 64 levels",
        ),
        ("[]", "", "must be an object"),
        ("{}", "/type", "is missing"),
        (r#"{"type":"Grant"}"#, "/type", "is not a known type"),
        (
            r#"{"type":"DeleteRole","role":"a","role":"b"}"#,
            "/role",
            "is there twice",
        ),
        (
            r#"{"type":"DeleteRole","role":7}"#,
            "/role",
            "must be a string",
        ),
        (
            r#"{"type":"DeleteRole","role":"a","realm":"x"}"#,
            "/realm",
            "is not a known name",
        ),
        (
            r#"{"type":"DeleteRole","role":"a","force":true}"#,
            "/force",
            "is not a known field",
        ),
        (
            r#"{"type":"RecordDenial"}"#,
            "/type",
            "is for the ledger alone to submit",
        ),
        (
            r#"{"type":"Batch","commands":[{"type":"RecordDenial"}]}"#,
            "/commands/0/type",
            "is for the ledger alone to submit",
        ),
        (
            r#"{"type":"Batch","commands":[{"type":"GrantRolePermissions","role":"r","permissions":[{"api":"a","name":"n"},{"api":"a"}]}]}"#,
            "/commands/0/permissions/1/name",
            "is missing",
        ),
        (
            r#"{"type":"UpdateUser","user":"u","profile":{"a/b~":1}}"#,
            "/profile/a~1b~0",
            "must be a string that holds the text of a JSON value",
        ),
    ] {
        let expected = Fault {
            path: path.to_owned(),
            problem: problem.to_owned(),
        };
        assert_eq!(read(text), Err(expected), "{text}");
    }
}

#[test]
fn a_fault_is_shown_with_its_place() {
    let shown = |text| read(text).unwrap_err().to_string();
    assert_eq!(shown("{}"), "/type: is missing");
    assert_eq!(shown("1"), "must be an object");
}

#[test]
fn a_long_name_is_clipped() {
    let long = json!({ "type": "DeleteRole", "role": "a", "x".repeat(100_000): 1 });
    let fault = command_from_value(&long, &mut |_| String::new()).unwrap_err();
    assert_eq!(fault.path, format!("/{}", "x".repeat(64)));
}
