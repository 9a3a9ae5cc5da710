use super::*;

fn printed(text: &str) -> String {
    Json::parse(text.as_bytes()).unwrap().to_string()
}

#[test]
fn members_keep_their_order_and_the_last_of_a_name_wins() {
    assert_eq!(
        printed(r#" { "b" : 1 , "a" : [ null , true ] , "b" : "x" } "#),
        r#"{"b":"x","a":[null,true]}"#
    );
}

#[test]
fn a_number_without_a_fraction_is_an_integer() {
    for (text, kind, shown) in [
        ("1", Type::Integer, "1"),
        ("1.0", Type::Integer, "1"),
        ("1e3", Type::Integer, "1000"),
        ("-0.0", Type::Integer, "0"),
        ("1.5", Type::Number, "1.5"),
        (
            "18446744073709551615",
            Type::Integer,
            "18446744073709551615",
        ),
    ] {
        let json = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (json.kind(), json.to_string().as_str()),
            (kind, shown),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let deep = "[".repeat(1_000);
    let bad: [&[u8]; 8] = [
        b"",
        b"{",
        b"{\"a\":1}x",
        b"nul",
        b"\"\xff\"",
        b"\"\\ud800\"",
        b"1e999",
        deep.as_bytes(),
    ];
    for bytes in bad {
        assert_eq!(
            Json::parse(bytes),
            Err(NotJson),
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn strings_are_escaped() {
    assert_eq!(printed(r#""\u0000\"\\\né/""#), r#""\u0000\"\\\né/""#);
}
