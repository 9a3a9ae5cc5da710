//! A text as JavaScript has it: 16-bit units, halves of surrogate pairs included.

use core::fmt::Write as _;

use super::is_blank;

/// A text of 16-bit units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Text(pub(crate) Vec<u16>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.encode_utf16().collect())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl Text {
    /// A sentence whose `{}` stand for these.
    pub(crate) fn filled(sentence: &str, holes: &[&Self]) -> Self {
        let mut holes = holes.iter();
        let mut units = Vec::new();
        for (index, piece) in sentence.split("{}").enumerate() {
            if let Some(hole) = (index > 0).then(|| holes.next()).flatten() {
                units.extend_from_slice(&hole.0);
            }
            units.extend(piece.encode_utf16());
        }
        Self(units)
    }

    /// The text as a database keeps it: half a surrogate pair becomes U+FFFD.
    pub(crate) fn stored(&self) -> String {
        String::from_utf16_lossy(&self.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without blanks at either end.
    pub(crate) fn trimmed(&self) -> Self {
        let blank = |unit: &u16| char::from_u32(u32::from(*unit)).is_some_and(is_blank);
        let first = self.0.iter().position(|unit| !blank(unit));
        let last = self.0.iter().rposition(|unit| !blank(unit));
        match (first, last) {
            (Some(first), Some(last)) => {
                Self(self.0.get(first..=last).unwrap_or_default().to_vec())
            }
            _ => Self::default(),
        }
    }

    /// Its length as validator 13.15 counts: units, less one for each surrogate pair and one for
    /// each presentation selector that follows something else.
    pub(crate) fn length(&self) -> usize {
        let selector = |unit: &u16| matches!(unit, 0xFE0E | 0xFE0F);
        let mut pairs = 0;
        let mut selected = 0;
        let (mut paired, mut taken) = (false, false);
        for window in self.0.windows(2) {
            let [one, next] = window else { continue };
            // Neither kind of match overlaps another of its kind.
            paired = !paired && (0xD800..0xDC00).contains(one) && (0xDC00..0xE000).contains(next);
            pairs += usize::from(paired);
            taken = !taken && !selector(one) && selector(next);
            selected += usize::from(taken);
        }
        self.0.len().saturating_sub(pairs).saturating_sub(selected)
    }

    /// As `JSON.stringify` writes it.
    pub(crate) fn quoted(&self) -> String {
        let mut out = String::from("\"");
        for unit in char::decode_utf16(self.0.iter().copied()) {
            match unit {
                Ok(c) => push_escaped(&mut out, c),
                Err(half) => {
                    // Writing to a text cannot fail.
                    let _infallible = write!(out, "\\u{:04x}", half.unpaired_surrogate());
                }
            }
        }
        out.push('"');
        out
    }
}

/// A text as `JSON.stringify` writes it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    text.chars().for_each(|c| push_escaped(&mut out, c));
    out.push('"');
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c < ' ' => {
            let _infallible = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_javascript_s() {
        let trimmed = |text: &str| Text::from(text).trimmed().stored();
        assert_eq!(trimmed(" \t\u{feff}\u{a0}a b\u{2028}\u{3000}"), "a b");
        assert_eq!(trimmed("\u{85}a\u{200b}"), "\u{85}a\u{200b}");
        assert_eq!(trimmed("   "), "");
    }

    #[test]
    fn a_sentence_keeps_halves_of_pairs() {
        let text = Text::filled("'{}' of '{}'", &[&Text(vec![0xD800]), &Text::from("b")]);
        assert_eq!(text.quoted(), "\"'\\ud800' of 'b'\"");
    }

    #[test]
    fn lengths_are_the_validator_s() {
        let length = |text: &str| Text::from(text).length();
        assert_eq!(length(""), 0);
        assert_eq!(length("abc"), 3);
        assert_eq!(length(&"😀".repeat(255)), 255);
        assert_eq!(length(&"\u{2764}\u{fe0f}".repeat(200)), 200);
        assert_eq!(length(&"\u{2764}\u{fe0f}".repeat(256)), 256);
        assert_eq!(length("a\u{fe0f}\u{fe0f}"), 2);
        assert_eq!(length("\u{fe0f}"), 1);
        assert_eq!(Text(vec![0xD800, 0xD800, 0xDC00]).length(), 2);
    }

    #[test]
    fn texts_are_quoted_as_javascript_quotes_them() {
        assert_eq!(
            quoted("a\"\\\n\u{1}\u{7f}é\u{2028}"),
            "\"a\\\"\\\\\\n\\u0001\u{7f}é\u{2028}\""
        );
        assert_eq!(Text(vec![0xD800, 0x61]).quoted(), "\"\\ud800a\"");
        assert_eq!(Text(vec![0xD800]).stored(), "\u{fffd}");
    }
}
