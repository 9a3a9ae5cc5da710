//! Passwords as argon2id hashes.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
};

/// A password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct NoHash;

/// What takes as long as a password that is there, for one that is not.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4\
                      $T7lpfAYoEZEN6sSMDySJFgs9w6CG2/eGtOj6pXQ2r1w";

/// The text of the argon2id hash of a password, with this salt.
pub fn hash(password: &str, salt: u128) -> Result<String, NoHash> {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default());
    let hash = argon
        .hash_password_with_salt(password.as_bytes(), &salt.to_be_bytes())
        .map_err(|_source| NoHash)?;
    Ok(hash.to_string())
}

/// Whether the password is the one of the hash. Takes long: call it where nothing else waits.
pub(crate) fn matches(password: &str, hash: Option<&str>) -> bool {
    let text = hash.unwrap_or(NOBODY);
    let Ok(parsed) = PasswordHash::new(text) else {
        return false;
    };
    let same = Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    same && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_alone() {
        let hash = hash("Secur3Passw0rd!", 7).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(matches("Secur3Passw0rd!", Some(&hash)));
        assert!(!matches("Secur3Passw0rd", Some(&hash)));
        assert!(!matches("Secur3Passw0rd!", None));
        assert!(!matches("x", Some("plain")));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
