//! Texts as rows: what is read, and what is said of those that are not JSON.

use super::*;

fn read(text: &str) -> Result<Value, Syntax> {
    let units: Vec<u16> = text.encode_utf16().collect();
    parse(&units)
}

#[test]
fn what_is_broken_is_told_in_node_s_words() {
    for (text, message) in [
        ("", "Unexpected end of JSON input"),
        ("   ", "Unexpected end of JSON input"),
        ("{\"name\":", "Unexpected end of JSON input"),
        ("{", "Expected property name or '}' in JSON at position 1"),
        ("{a", "Expected property name or '}' in JSON at position 1"),
        (
            "{\"a\"",
            "Expected ':' after property name in JSON at position 4",
        ),
        ("{\"a\":1,\"b\"", "Unexpected end of JSON input"),
        (
            "{\"a\":1,\"b\"}",
            "Unexpected token '}', \"{\"a\":1,\"b\"}\" is not valid JSON",
        ),
        (
            "{\"a\":1,\"b\" 1",
            "Unexpected number in JSON at position 11",
        ),
        (
            "{\"a\":1,\"b\"\"",
            "Unexpected string in JSON at position 10",
        ),
        (
            "{\"a\":1",
            "Expected ',' or '}' after property value in JSON at position 6",
        ),
        (
            "{\"a\":1,}",
            "Expected double-quoted property name in JSON at position 7",
        ),
        (
            "[1",
            "Expected ',' or ']' after array element in JSON at position 2",
        ),
        ("[tr1", "Unexpected number in JSON at position 3"),
        (
            "{ \"long\" :: \"aaaaaaaaaa\"}",
            "Unexpected token ':', ...\"{ \"long\" :: \"aaaaaaa\"... is not valid JSON",
        ),
        ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
        (
            "{} x",
            "Unexpected non-whitespace character after JSON at position 3",
        ),
        ("{\"a", "Unterminated string in JSON at position 3"),
        ("{\"a\\", "Unexpected end of JSON input"),
        ("hello", "Unexpected token 'h', \"hello\" is not valid JSON"),
        ("5", "Unexpected token '5', \"5\" is not valid JSON"),
        (
            "abcdefghijklmnopqrstuvwxyz",
            "Unexpected token 'a', \"abcdefghij\"... is not valid JSON",
        ),
    ] {
        assert_eq!(
            read(text),
            Err(Syntax::Broken(Text::from(message))),
            "{text}"
        );
    }
}

#[test]
fn the_last_of_two_fields_counts() {
    let value = read(r#"{"a":1,"b":[true,null,-1.5e3],"a":"\ud83d\ude00"}"#).unwrap();
    assert_eq!(value.field("a"), Some(&Value::Text(Text::from("😀"))));
    assert_eq!(value.field("b").unwrap().text(), "[true,null,-1500]");
    assert_eq!(value.field("c"), None);
}

#[test]
fn half_a_pair_survives() {
    let value = read(r#"{"a":"\ud800"}"#).unwrap();
    assert_eq!(value.field("a"), Some(&Value::Text(Text(vec![0xD800]))));
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let deep = "[".repeat(50_000);
    assert_eq!(read(&deep), Err(Syntax::TooDeep));
    let fine = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert!(read(&fine).is_ok());
}
