//! JavaScript's ways, where answers show them: texts of 16-bit units, what a blank is, what a
//! number is, how long a text is, and in which order texts are.

mod json;
mod order;
mod text;

pub(crate) use json::{Syntax, Value, parse};
pub(crate) use order::{by_units, locale_compare};
pub(crate) use text::{Text, quoted};

/// What `parseInt(text, 10)` gives; none for NaN.
pub(crate) fn parse_int(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_blank);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    if digits.is_empty() {
        return None;
    }
    digits.parse::<f64>().ok().map(|number| sign * number)
}

/// Whether `trim` takes the character away: U+FEFF it does, U+0085 it does not.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_far_as_they_go() {
        for (text, number) in [
            ("2abc", Some(2.0)),
            ("1e3", Some(1.0)),
            ("1.9", Some(1.0)),
            (" \u{feff}7", Some(7.0)),
            ("-1", Some(-1.0)),
            ("+3", Some(3.0)),
            ("-0", Some(-0.0)),
            ("abc", None),
            ("", None),
            ("-", None),
            ("Infinity", None),
            ("9223372036854774784", Some(9_223_372_036_854_774_784.0)),
        ] {
            assert_eq!(parse_int(text), number, "{text:?}");
        }
    }
}
