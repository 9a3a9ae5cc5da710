//! The keys of a JSON Web Key Set, each with the one algorithm that it verifies.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, crypto};
use serde::Deserialize;

use super::AuthError;

/// The keys that tokens are verified with. Never empty.
#[derive(Debug)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl Keys {
    /// The keys of the set that can verify a token here.
    ///
    /// The others are passed over, as RFC 7517 §5 asks: an issuer may publish keys for other ends.
    pub(super) fn from_jwks(jwks: &[u8]) -> Result<Self, KeysError> {
        let set: Set =
            serde_json::from_slice(jwks).map_err(|source| KeysError::NotASet { source })?;
        let mut keys: Vec<Key> = Vec::new();
        for candidate in set.keys {
            let Some(key) = Key::from_jwk(candidate) else {
                continue;
            };
            if keys
                .iter()
                .any(|other| other.id == key.id && other.algorithm == key.algorithm)
            {
                return Err(KeysError::SameId {
                    id: key.id.unwrap_or_default(),
                });
            }
            keys.push(key);
        }
        if keys.is_empty() {
            Err(KeysError::NoneUsable)
        } else {
            Ok(Self(keys))
        }
    }

    /// The payload of a token whose signature verifies.
    pub(super) fn verify(&self, token: &str) -> Result<Vec<u8>, AuthError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(AuthError::Malformed)?;
        if payload.contains('.') {
            return Err(AuthError::Malformed);
        }
        let key = self.pick(&JoseHeader::decode(header)?)?;
        // SUBTLE: the algorithm is the key's. With the header's, a public key could be made to
        // serve as an HMAC secret.
        match crypto::verify(signature, signed.as_bytes(), &key.decoding, key.algorithm) {
            Ok(true) => decode(payload),
            Ok(false) | Err(_) => Err(AuthError::InvalidSignature),
        }
    }

    fn pick(&self, header: &JoseHeader) -> Result<&Key, AuthError> {
        let algorithm = header.algorithm().ok_or(AuthError::Invalid)?;
        if header.crit.is_some() {
            // Extensions that must be understood, and none is.
            return Err(AuthError::Invalid);
        }
        if header.kid.is_some() {
            let mut named = self.0.iter().filter(|key| key.id == header.kid).peekable();
            if named.peek().is_none() {
                return Err(AuthError::UnknownKey);
            }
            return named
                .find(|key| key.algorithm == algorithm)
                .ok_or(AuthError::Invalid);
        }
        let mut fitting = self.0.iter().filter(|key| key.algorithm == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) | (Some(_), Some(_)) => Err(AuthError::UnknownKey),
        }
    }
}

impl Key {
    /// The key, if it is one for signatures of a kind that is taken.
    fn from_jwk(jwk: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let common = &jwk.common;
        let for_signatures = common
            .public_key_use
            .as_ref()
            .is_none_or(|wanted| *wanted == PublicKeyUse::Signature)
            && common
                .key_operations
                .as_ref()
                .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !for_signatures {
            return None;
        }
        let algorithm = algorithm_of(&jwk.algorithm)?;
        if common
            .key_algorithm
            .is_some_and(|named| named != KeyAlgorithm::from(algorithm))
        {
            return None;
        }
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        has_sound_size(decoding.kind(), algorithm).then(|| Self {
            id: jwk.common.key_id,
            algorithm,
            decoding,
        })
    }
}

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Not JSON of the shape that RFC 7517 §5 gives.
    #[error("the text is not a JSON web key set")]
    NotASet {
        /// What the parser said.
        source: serde_json::Error,
    },
    /// No key, or none for RS256 (2,048 to 8,192 bits), ES256 or `EdDSA` (Ed25519).
    #[error("the key set holds no key that can verify a token")]
    NoneUsable,
    /// Two keys of one algorithm have the same id, or none.
    #[error("the key set holds several keys of one algorithm with the id {id:?}")]
    SameId {
        /// The id; empty if the keys have none.
        id: String,
    },
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// What is read of a token's header. The rest has no say.
#[derive(Deserialize)]
struct JoseHeader {
    alg: String,
    kid: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

impl JoseHeader {
    fn decode(part: &str) -> Result<Self, AuthError> {
        serde_json::from_slice(&decode(part)?).map_err(|_source| AuthError::Invalid)
    }

    fn algorithm(&self) -> Option<Algorithm> {
        match self.alg.as_str() {
            "RS256" => Some(Algorithm::RS256),
            "ES256" => Some(Algorithm::ES256),
            "EdDSA" => Some(Algorithm::EdDSA),
            _ => None,
        }
    }
}

fn decode(part: &str) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_source| AuthError::Invalid)
}

/// The one algorithm of a key of this type.
fn algorithm_of(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    use AlgorithmParameters::{EllipticCurve as Ec, OctetKeyPair as Okp, RSA};
    if let RSA(_) = parameters {
        return Some(Algorithm::RS256);
    }
    if let Ec(key) = parameters {
        return (key.curve == EllipticCurve::P256).then_some(Algorithm::ES256);
    }
    if let Okp(key) = parameters {
        return (key.curve == EllipticCurve::Ed25519).then_some(Algorithm::EdDSA);
    }
    None
}

fn has_sound_size(kind: &DecodingKeyKind, algorithm: Algorithm) -> bool {
    match (kind, algorithm) {
        (DecodingKeyKind::RsaModulusExponent { n, .. }, Algorithm::RS256) => {
            let significant = n.iter().skip_while(|byte| **byte == 0).count();
            (256..=1_024).contains(&significant)
        }
        // An uncompressed point: its mark, x and y.
        (DecodingKeyKind::SecretOrDer(bytes), Algorithm::ES256) => bytes.len() == 65,
        (DecodingKeyKind::SecretOrDer(bytes), Algorithm::EdDSA) => bytes.len() == 32,
        _ => false,
    }
}
