//! In which order texts are.

use core::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{CollatorBorrowed, CollatorPreferences};

/// The order of `sort()` without a function: by 16-bit units.
pub(crate) fn by_units(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

/// The order of `localeCompare`: the root collation of Unicode.
///
/// What that holds for equal is ordered by its bytes, so that one answer is always the same.
pub(crate) fn locale_compare(texts: &mut [String]) {
    let root =
        CollatorBorrowed::try_new(CollatorPreferences::default(), CollatorOptions::default());
    match root {
        Ok(root) => {
            texts.sort_by(|one, other| root.compare(one, other).then_with(|| one.cmp(other)));
        }
        // The data is compiled in: this cannot be. An answer in another order is still one.
        Err(error) => {
            tracing::error!(%error, "the root collation is not there");
            texts.sort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_recorded_answer() {
        let expected = [
            "_x",
            "*",
            "10",
            "9",
            "a",
            "A",
            "b",
            "B",
            "e",
            "é",
            "f",
            "users create",
            "users_create",
            "users-create",
            "users:create",
            "users.create",
        ];
        let mut texts: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        texts.reverse();
        locale_compare(&mut texts);
        assert_eq!(texts, expected);
    }

    #[test]
    fn units_are_not_code_points() {
        let mut texts = ["\u{ff5e}", "😀", "a"];
        texts.sort_by(|one, other| by_units(one, other));
        assert_eq!(texts, ["a", "😀", "\u{ff5e}"]);
    }
}
