//! How values of the domain are written in columns, in one place for writers and readers.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use writ_domain::{JsonText, NounKind, Realm, Settings};

use crate::Error;

/// The number of a realm in `realm` columns.
#[must_use]
pub fn realm_code(realm: Realm) -> i16 {
    match realm {
        Realm::Auth0 => 1,
        Realm::Native => 2,
        Realm::Camunda => 3,
        Realm::NestAuth => 4,
    }
}

/// The realm of this number.
pub fn realm_from_code(code: i16) -> Result<Realm, Error> {
    Realm::ALL
        .into_iter()
        .find(|realm| realm_code(*realm) == code)
        .ok_or_else(|| Error::Inconsistent {
            what: "realm",
            problem: format!("number {code}"),
        })
}

/// The number of a kind of noun in `entry_noun.kind`.
#[must_use]
pub fn noun_kind_code(kind: NounKind) -> i16 {
    match kind {
        NounKind::Api => 1,
        NounKind::Role => 2,
        NounKind::User => 3,
        NounKind::Group => 4,
        NounKind::Authorization => 5,
        NounKind::Permission => 20,
        NounKind::Admin => 21,
    }
}

/// The kind of noun of this number.
pub fn noun_kind_from_code(code: i16) -> Result<NounKind, Error> {
    NounKind::ALL
        .into_iter()
        .find(|kind| noun_kind_code(*kind) == code)
        .ok_or_else(|| Error::Inconsistent {
            what: "noun kind",
            problem: format!("number {code}"),
        })
}

/// Settings as one JSON object, members in name order, each value's text as it was given.
#[must_use]
pub fn settings_text(settings: &Settings) -> String {
    let mut text = String::from("{");
    for (name, JsonText(value)) in settings {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name.as_str()).to_string());
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    text
}

/// Settings read back from [`settings_text`].
pub fn settings_from_text(text: &str) -> Result<Settings, Error> {
    let members: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(text).map_err(|source| Error::Inconsistent {
            what: "settings",
            problem: source.to_string(),
        })?;
    Ok(members
        .into_iter()
        .map(|(name, value)| (name, JsonText(Box::<str>::from(value).into_string())))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for realm in Realm::ALL {
            assert_eq!(realm_from_code(realm_code(realm)).unwrap(), realm);
        }
        for kind in NounKind::ALL {
            assert_eq!(noun_kind_from_code(noun_kind_code(kind)).unwrap(), kind);
        }
        assert!(realm_from_code(0).is_err());
        assert!(noun_kind_from_code(9).is_err());
    }

    #[test]
    fn settings_keep_the_text_of_each_value() {
        let settings: Settings = [
            ("a\"b", "1.50"),
            ("", "{\"x\": [1,  2]}"),
            ("ü", "\"\\u00e9\""),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), JsonText(value.to_owned())))
        .collect();
        let text = settings_text(&settings);
        assert_eq!(text, r#"{"":{"x": [1,  2]},"a\"b":1.50,"ü":"\u00e9"}"#);
        assert_eq!(settings_from_text(&text).unwrap(), settings);
        assert_eq!(settings_text(&Settings::new()), "{}");
        assert!(settings_from_text("[]").is_err());
    }
}
