//! What validator 13.15 takes for an e-mail address.

use crate::js::{Text, is_blank};

const LETTERS: &str = "!#$%&'*+-/=?^_`{|}~";

/// Whether it is one. Units are looked at one by one, halves of surrogate pairs too.
pub(super) fn is_email(address: &Text) -> bool {
    let units = &address.0;
    let Some(at) = units.iter().rposition(|unit| *unit == u16::from(b'@')) else {
        return false;
    };
    let (user, domain) = units.split_at(at);
    let domain = domain.get(1..).unwrap_or_default();
    units.len() <= 254 && bytes(user) <= 64 && bytes(domain) <= 254 && is_domain(domain) && {
        let quote = u16::from(b'"');
        match user {
            [first, inner @ .., last] if *first == quote && *last == quote => is_quoted(inner),
            [one] if *one == quote => true,
            _ => parts(user).all(is_atom),
        }
    }
}

fn bytes(units: &[u16]) -> usize {
    String::from_utf16_lossy(units).len()
}

fn parts(units: &[u16]) -> impl Iterator<Item = &[u16]> {
    units.split(|unit| *unit == u16::from(b'.'))
}

/// The unit, where it is ASCII.
fn ascii(unit: u16) -> Option<u8> {
    u8::try_from(unit).ok().filter(u8::is_ascii)
}

fn blank(unit: u16) -> bool {
    char::from_u32(u32::from(unit)).is_some_and(is_blank)
}

/// What is beyond ASCII and stands in texts.
fn is_foreign(unit: u16, from: u16) -> bool {
    (from..=0xD7FF).contains(&unit)
        || (0xF900..=0xFDCF).contains(&unit)
        || (0xFDF0..=0xFFEF).contains(&unit)
}

fn is_atom(part: &[u16]) -> bool {
    let fits = |unit: &u16| match ascii(*unit) {
        Some(byte) => byte.is_ascii_alphanumeric() || LETTERS.as_bytes().contains(&byte),
        None => is_foreign(*unit, 0xA1),
    };
    !part.is_empty() && part.iter().all(fits)
}

fn is_quoted(inner: &[u16]) -> bool {
    let mut rest = inner.iter();
    while let Some(unit) = rest.next() {
        let blank = blank(*unit);
        let fits = match ascii(*unit) {
            Some(b'\\') => rest.next().is_some_and(|escaped| match ascii(*escaped) {
                Some(byte) => byte != 0 && byte != b'\n',
                None => is_foreign(*escaped, 0xA0),
            }),
            Some(byte) => blank || (byte != 0 && byte != b'"'),
            None => blank || is_foreign(*unit, 0xA0),
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_domain(domain: &[u16]) -> bool {
    let top = domain.rsplit(|unit| *unit == u16::from(b'.')).next();
    parts(domain).count() >= 2 && top.is_some_and(is_top) && parts(domain).all(is_label)
}

fn is_top(top: &[u16]) -> bool {
    let letter = |unit: &u16| match ascii(*unit) {
        Some(byte) => byte.is_ascii_alphabetic(),
        None => !blank(*unit) && *unit != 0xA9 && is_foreign(*unit, 0xA1),
    };
    let encoded =
        |unit: &u16| ascii(*unit).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let named = top.len() >= 2 && top.iter().all(letter);
    named
        || match top {
            [x, n, rest @ ..] => {
                let prefix = [ascii(*x), ascii(*n)].map(|one| one.map(|b| b.to_ascii_lowercase()));
                prefix == [Some(b'x'), Some(b'n')] && rest.len() >= 2 && rest.iter().all(encoded)
            }
            _ => false,
        }
}

fn is_label(label: &[u16]) -> bool {
    let hyphen = u16::from(b'-');
    let fits = |unit: &u16| match ascii(*unit) {
        Some(byte) => byte.is_ascii_alphanumeric() || byte == b'-',
        // Letters of full width are not taken.
        None => *unit >= 0xA1 && !(0xFF01..=0xFF5E).contains(unit),
    };
    !label.is_empty()
        && label.len() <= 63
        && label.iter().all(fits)
        && label.first() != Some(&hyphen)
        && label.last() != Some(&hyphen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_validator_s() {
        for (address, taken) in [
            ("a@x.co", true),
            ("A.b+c'd@sub.x-y.CO.uk", true),
            ("é@é.рф", true),
            ("a@xn--p1ai.xn--p1ai", true),
            ("a@😀.co", true),
            ("\"a b\"@x.co", true),
            ("\"a\\\"b\"@x.co", true),
            ("\"\"@x.co", true),
            ("a@x.co\u{200b}", true),
            ("", false),
            ("a", false),
            ("x.co", false),
            ("@x.co", false),
            ("a@b@x.co", false),
            ("a@localhost", false),
            ("a@1.2.3.4", false),
            ("a@[1.2.3.4]", false),
            ("a..b@x.co", false),
            (".a@x.co", false),
            ("a b@x.co", false),
            ("a@x.co ", false),
            ("😀@x.co", false),
            ("a@x.c1", false),
            ("a@x.c-o", false),
            ("a@x.c", false),
            ("a@x.😀", false),
            ("a@-x.co", false),
            ("a@x_y.co", false),
            ("a@x.co.", false),
            ("a@１.co", false),
            ("\"a\"b\"@x.co", false),
        ] {
            assert_eq!(is_email(&Text::from(address)), taken, "{address}");
        }
        let long = |user: usize, label: usize| {
            let address = format!("{}@{}.co", "x".repeat(user), "x".repeat(label));
            is_email(&Text::from(address))
        };
        assert!(long(64, 63));
        assert!(!long(65, 63));
        assert!(!long(64, 64));
    }
}
