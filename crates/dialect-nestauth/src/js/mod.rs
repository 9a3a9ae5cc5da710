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

/// A number as `JSON.stringify` writes what `JSON.parse` made of it.
pub(crate) fn number(text: &str) -> String {
    let value: f64 = match text.parse() {
        Ok(value) if f64::is_finite(value) => value,
        _ => return "null".to_owned(),
    };
    if value == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that are read back as the same number, as JavaScript has them.
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    // Where the point stands, from the first digit.
    let point = exponent.parse().unwrap_or(0_i32).saturating_add(1);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let sign = if value < 0.0 { "-" } else { "" };
    let written = if (count..=21).contains(&point) {
        format!("{digits}{}", zeros(point.saturating_sub(count)))
    } else if (1..=21).contains(&point) {
        let (whole, rest) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{rest}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(point.saturating_neg()))
    } else {
        format!("{mantissa}e{:+}", point.saturating_sub(1))
    };
    format!("{sign}{written}")
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
    fn numbers_are_written_as_javascript_writes_them() {
        for (text, written) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("2.50", "2.5"),
            ("1e3", "1000"),
            ("-1.5e3", "-1500"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1.25e-9", "1.25e-9"),
            ("1e20", "100000000000000000000"),
            ("123e19", "1.23e+21"),
            ("1e21", "1e+21"),
            ("9007199254740993", "9007199254740992"),
            ("0.1", "0.1"),
            ("1e400", "null"),
        ] {
            assert_eq!(number(text), written, "{text}");
        }
    }

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
