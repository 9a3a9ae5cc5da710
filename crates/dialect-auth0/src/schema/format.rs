//! The regular expressions and formats of Auth0's document, as code.

use super::{Format, Pattern};

/// Neither `<` nor `>`, and not empty.
pub(super) const NO_ANGLE_BRACKETS: Pattern = Pattern {
    text: "^[^<>]+$",
    matches: |text| !text.is_empty() && !text.contains(['<', '>']),
};

/// A plus sign and 1 to 15 digits.
pub(super) const E164: Pattern = Pattern {
    text: "^\\+[0-9]{1,15}$",
    matches: |text| {
        text.strip_prefix('+').is_some_and(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    },
};

/// No white space.
pub(super) const NO_SPACE: Pattern = Pattern {
    text: "^\\S*$",
    matches: |text| !text.contains(is_space),
};

/// An address that mail could be sent to.
pub(super) const EMAIL: Format = Format {
    name: "email",
    matches: is_email,
};

/// An absolute URI.
pub(super) const STRICT_URI: Format = Format {
    name: "strict-uri",
    matches: is_uri,
};

/// White space as a JavaScript `\s` sees it.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let legal = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(legal)
        && !local.split('.').any(str::is_empty)
        && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let legal = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = labels.last().is_some_and(|top| {
        top.starts_with("xn--") || (top.len() >= 2 && top.chars().all(char::is_alphabetic))
    });
    text.len() <= 254 && labels.len() >= 2 && top && labels.iter().all(legal)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(legal)
        && !rest.is_empty()
        && !text.contains(|c: char| is_space(c) || c.is_control() || "<>\"\\^`{|}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_patterns() {
        type Row = (
            fn(&str) -> bool,
            &'static [&'static str],
            &'static [&'static str],
        );
        let rows: [Row; 5] = [
            (
                is_email,
                &[
                    "a@b.co",
                    "john.doe+x@mail.example.com",
                    "ü@münchen.de",
                    "a@b.xn--p1ai",
                ],
                &[
                    "",
                    "a",
                    "a@b",
                    "@b.co",
                    "a@",
                    "a..b@c.de",
                    "a b@c.de",
                    "a@b@c.1",
                    "a@-b.de",
                ],
            ),
            (
                is_uri,
                &["https://x/y?z#w", "urn:x"],
                &["", "x", "x:", "1x:y", "http://a b"],
            ),
            (
                E164.matches,
                &["+1", "+123456789012345"],
                &["", "1", "+", "+1234567890123456", "+a"],
            ),
            (
                NO_SPACE.matches,
                &["", "a"],
                &[" ", "a\u{a0}b", "a\n", "\u{feff}"],
            ),
            (NO_ANGLE_BRACKETS.matches, &["a", "a\nb"], &["", "<", "a>"]),
        ];
        for (matches, good, bad) in rows {
            for text in good {
                assert!(matches(text), "{text}");
            }
            for text in bad {
                assert!(!matches(text), "{text}");
            }
        }
    }
}
