//! What is in the file.

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Error, Secret};
use crate::ids::secret_text;

const VERSION: u32 = 1;

/// Everything that one installation needs to know itself again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Of the file's form. A newer one than ours is refused.
    version: u32,
    /// The client that has every scope.
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) signing_key: SigningKey,
    pub(crate) database_password: Secret,
    pub(crate) camunda: Camunda,
    pub(crate) nestauth: Nestauth,
    /// Made by `writ client create`, by id.
    #[serde(default)]
    pub(crate) clients: BTreeMap<String, Client>,
}

/// What the local issuer signs with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    /// RSA, PKCS #8, PEM.
    pub(crate) pem: Secret,
}

/// Camunda's admin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Camunda {
    /// Letters and digits only, as Camunda's default pattern wants.
    pub(crate) user: String,
    pub(crate) password: Secret,
}

/// Nest Auth's first admin, and the key that its sessions are signed with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Nestauth {
    pub(crate) email: String,
    pub(crate) password: Secret,
    pub(crate) secret_key: Secret,
}

/// A client that was made later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) secret_sha256: String,
    pub(crate) scope: Vec<String>,
    pub(crate) created_at: DateTime<Utc>,
}

impl Credentials {
    pub(super) fn make() -> Result<Self, Error> {
        Ok(Self {
            version: VERSION,
            client_id: secret_text(32)?,
            client_secret: Secret::new(secret_text(64)?),
            signing_key: SigningKey::make()?,
            database_password: Secret::new(secret_text(32)?),
            camunda: Camunda {
                user: "admin".to_owned(),
                password: Secret::new(secret_text(24)?),
            },
            nestauth: Nestauth {
                email: "admin@writ.localhost".to_owned(),
                password: Secret::new(secret_text(24)?),
                secret_key: Secret::new(secret_text(48)?),
            },
            clients: BTreeMap::new(),
        })
    }

    pub(super) fn parse(text: &[u8], path: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let malformed = |source| Error::Malformed {
            path: path.to_owned(),
            source,
        };
        let Form { version } = serde_json::from_slice(text).map_err(malformed)?;
        if version > VERSION {
            return Err(Error::Newer {
                path: path.to_owned(),
                version,
            });
        }
        serde_json::from_slice(text).map_err(malformed)
    }
}

impl SigningKey {
    fn make() -> Result<Self, Error> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_unspecified| Error::NoKey)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_unspecified| Error::NoKey)?;
        Ok(Self {
            kid: secret_text(21)?,
            pem: Secret::new(pem(der.as_ref())),
        })
    }
}

/// RFC 7468.
fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut letters = STANDARD.encode(der);
    while !letters.is_empty() {
        let rest = letters.split_off(letters.len().min(64));
        text.push_str(&letters);
        text.push('\n');
        letters = rest;
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}
