//! Where ids and secrets come from: UUIDs in order of time, and texts from the system's randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

const LETTERS_AND_DIGITS: &[u8; 62] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("failed to read randomness from the operating system")]
pub(crate) struct NoRandomness;

/// A new UUID of version 7: later ones sort after earlier ones of the same process.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the id source that others are given"
)]
pub(crate) fn uuid_v7() -> Uuid {
    Uuid::now_v7()
}

/// `length` letters and digits that nobody can guess.
///
/// Made of `[A-Za-z0-9]` alone, so it stands in a URL, a shell and a header as it is.
pub(crate) fn secret_text(length: usize) -> Result<String, NoRandomness> {
    // The largest multiple of the alphabet below 256: bytes above it would favour its head.
    const FAIR: usize = 256 - 256 % LETTERS_AND_DIGITS.len();
    let random = SystemRandom::new();
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        random
            .fill(&mut bytes)
            .map_err(|_unspecified| NoRandomness)?;
        let letters = bytes
            .iter()
            .filter(|byte| usize::from(**byte) < FAIR)
            .filter_map(|byte| {
                LETTERS_AND_DIGITS.get(usize::from(*byte) % LETTERS_AND_DIGITS.len())
            })
            .map(|letter| char::from(*letter));
        text.extend(letters.take(length - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_length_and_only_letters_and_digits() {
        for length in [0, 1, 32, 64, 200] {
            let text = secret_text(length).unwrap();
            assert_eq!(text.len(), length);
            assert!(text.chars().all(|c| c.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn two_secrets_differ() {
        assert_ne!(secret_text(32).unwrap(), secret_text(32).unwrap());
    }
}
