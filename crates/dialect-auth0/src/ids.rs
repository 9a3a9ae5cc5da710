//! Public ids of what is made here, in the forms that Auth0 gives them.

use core::fmt;

use chrono::{DateTime, Utc};

/// Where randomness comes from. Only the server has a real one.
pub trait IdSource: Send + Sync + fmt::Debug {
    /// 128 bits that nobody can guess.
    fn random(&self) -> u128;
}

const LETTERS_AND_DIGITS: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `rol_` and 16 letters and digits.
pub(crate) fn role(source: &dyn IdSource) -> String {
    let mut rest = source.random();
    let mut id = String::from("rol_");
    // 62^16 is below 2^96, so 128 bits favour no letter that one could notice.
    for _ in 0..16 {
        let index = usize::try_from(rest % 62).unwrap_or(0);
        id.extend(
            LETTERS_AND_DIGITS
                .get(index)
                .map(|letter| char::from(*letter)),
        );
        rest /= 62;
    }
    id
}

/// 24 hexadecimal digits: the seconds since 1970, then randomness, as Mongo makes them.
pub(crate) fn object(source: &dyn IdSource, now: DateTime<Utc>) -> String {
    let seconds = u32::try_from(now.timestamp()).unwrap_or(0);
    format!("{seconds:08x}{:016x}", source.random() >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u128);

    impl IdSource for Fixed {
        fn random(&self) -> u128 {
            self.0
        }
    }

    #[test]
    fn ids_have_auth0s_forms() {
        let now = DateTime::from_timestamp(1_728_912_821, 0).unwrap();
        for random in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = role(&Fixed(random));
            let suffix = id.strip_prefix("rol_").unwrap();
            assert_eq!(suffix.len(), 16, "{id}");
            assert!(
                suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{id}"
            );
            let id = object(&Fixed(random), now);
            assert_eq!(id.len(), 24, "{id}");
            assert!(id.starts_with("670d1db5"), "{id}");
            assert!(
                id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)),
                "{id}"
            );
        }
    }
}
