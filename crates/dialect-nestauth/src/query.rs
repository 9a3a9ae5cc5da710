//! A query string as Node reads it.

use crate::js::parse_int;

/// Names and values in the order sent, decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn read(raw: Option<&str>) -> Self {
        let pairs = raw
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// The value of this name; one that stands there more than once is joined by commas. What is
    /// empty is as good as absent, as it is in the product.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect();
        let joined = values.join(",");
        (!joined.is_empty()).then_some(joined)
    }
}

/// `+` is a blank; what is not an escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escape = match (byte, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match (byte, escape) {
            (_, Some((high, low))) => {
                bytes.push((high << 4) | low);
                rest = after.get(2..).unwrap_or_default();
                continue;
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(*byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// How many rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// All.
    None,
    /// So many.
    At(i64),
    /// What no database takes.
    Broken,
}

impl Limit {
    /// As the list reads it: what is no number, and zero, is none.
    pub(crate) fn of_list(text: Option<&str>) -> Self {
        match text.and_then(parse_int) {
            None | Some(0.0) => Self::None,
            Some(number) => Self::of(number),
        }
    }

    /// As the search reads it: 20 unless said, and what is no number breaks it.
    pub(crate) fn of_search(text: Option<&str>) -> Self {
        match text.map(parse_int) {
            None => Self::At(20),
            Some(None) => Self::Broken,
            Some(Some(number)) => Self::of(number),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the range, as compared above"
    )]
    fn of(number: f64) -> Self {
        if (0.0..9_223_372_036_854_775_808.0).contains(&number) {
            Self::At(number as i64)
        } else {
            Self::Broken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_are_joined() {
        let query = Query::read(Some("search=a&search=b&x=%zz+%C3%A9&e=&search[]=c"));
        assert_eq!(query.get("search").as_deref(), Some("a,b"));
        assert_eq!(query.get("x").as_deref(), Some("%zz é"));
        assert_eq!(query.get("e"), None);
    }

    #[test]
    fn limits_are_read_as_the_product_reads_them() {
        for (text, list, search) in [
            ("2", Limit::At(2), Limit::At(2)),
            ("2,3", Limit::At(2), Limit::At(2)),
            ("0", Limit::None, Limit::At(0)),
            ("-0", Limit::None, Limit::At(0)),
            ("abc", Limit::None, Limit::Broken),
            (" ", Limit::None, Limit::Broken),
            ("-1", Limit::Broken, Limit::Broken),
            (
                "9223372036854774784",
                Limit::At(9_223_372_036_854_774_784),
                Limit::At(9_223_372_036_854_774_784),
            ),
            ("9223372036854775808", Limit::Broken, Limit::Broken),
        ] {
            assert_eq!(Limit::of_list(Some(text)), list, "{text}");
            assert_eq!(Limit::of_search(Some(text)), search, "{text}");
        }
        assert_eq!(Limit::of_list(None), Limit::None);
        assert_eq!(Limit::of_search(None), Limit::At(20));
    }
}
