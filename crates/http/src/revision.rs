//! The token by which clients name a point of their tenant's history.
//!
//! Opaque outside: text that is shown in one answer and given back in a later request. It names
//! the entry by `tenant_seq` and by the beginning of its chain hash, so that a revision of a
//! history that was lost and written anew is told apart from one of this history.
//!
//! ```text
//!   byte   0        1          9          17              to the end
//!          version  tenant_seq chain8     tenant
//!          1        big endian first 8    its name
//! ```

use core::fmt;
use core::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_domain::{TenantId, TenantSeq};

/// The header by which every answer carries the revision that it shows.
pub const WRIT_REVISION: HeaderName = HeaderName::from_static("writ-revision");

/// The version of the binary form.
const VERSION: u8 = 1;
/// Longer texts are not looked at; the longest revision has 107 characters.
const TEXT_BYTES_MAX: usize = 128;

/// A point of a tenant's history.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Revision {
    /// Whose history.
    pub tenant: TenantId,
    /// The last entry that is seen. Zero stands before the first.
    pub tenant_seq: TenantSeq,
    /// The first 8 bytes of that entry's chain hash; zeros before the first.
    pub chain8: [u8; 8],
}

impl Revision {
    /// Puts the revision into the headers of an answer, in the place of any that is there.
    pub fn set_on(&self, headers: &mut HeaderMap) {
        headers.insert(WRIT_REVISION, HeaderValue::from(self));
    }
}

impl From<&Revision> for HeaderValue {
    fn from(revision: &Revision) -> Self {
        #[expect(clippy::expect_used, reason = "base64url is visible ASCII")]
        Self::try_from(revision.to_string()).expect("base64url is a header value")
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenant = self.tenant.as_str().as_bytes();
        let mut bytes = Vec::with_capacity(17 + tenant.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.tenant_seq.0.to_be_bytes());
        bytes.extend_from_slice(&self.chain8);
        bytes.extend_from_slice(tenant);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Revision {
    type Err = ParseRevisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(ParseRevisionError);
        }
        // Refuses padding, foreign characters and bits after the end: one revision, one text.
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_source| ParseRevisionError)?;
        let (&[version], rest) = bytes.split_first_chunk().ok_or(ParseRevisionError)?;
        let (tenant_seq, rest) = rest.split_first_chunk().ok_or(ParseRevisionError)?;
        let (&chain8, tenant) = rest.split_first_chunk().ok_or(ParseRevisionError)?;
        let tenant = core::str::from_utf8(tenant).map_err(|_source| ParseRevisionError)?;
        if version != VERSION {
            return Err(ParseRevisionError);
        }
        Ok(Self {
            tenant: TenantId::from_stored(tenant).map_err(|_source| ParseRevisionError)?,
            tenant_seq: TenantSeq(u64::from_be_bytes(*tenant_seq)),
            chain8,
        })
    }
}

/// The text is not a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a revision is given back as it was received in Writ-Revision")]
pub struct ParseRevisionError;

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(tenant: &str, tenant_seq: u64) -> Revision {
        Revision {
            tenant: TenantId::from_stored(tenant).unwrap(),
            tenant_seq: TenantSeq(tenant_seq),
            chain8: [0xff, 1, 2, 3, 4, 5, 6, 0],
        }
    }

    #[test]
    fn the_text_is_frozen() {
        assert_eq!(
            revision("default", 17).to_string(),
            "AQAAAAAAAAAR_wECAwQFBgBkZWZhdWx0"
        );
    }

    #[test]
    fn a_revision_reads_back() {
        let longest = "a".repeat(63);
        for tenant in ["default", "a", "tenant-1", "~0", "~65535", &longest] {
            for tenant_seq in [0, 1, u64::MAX] {
                let revision = revision(tenant, tenant_seq);
                assert_eq!(revision.to_string().parse(), Ok(revision));
            }
        }
    }

    #[test]
    fn any_other_text_is_refused() {
        let with = |version: u8, tenant: &[u8]| {
            let mut bytes = vec![version];
            bytes.extend_from_slice(&[0; 16]);
            bytes.extend_from_slice(tenant);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        let good = with(1, b"de");
        assert!(good.ends_with("ZQ") && good.parse::<Revision>().is_ok());
        let rows = [
            ("empty", String::new()),
            ("a number", "17".into()),
            ("a version to come", with(2, b"de")),
            ("version zero", with(0, b"de")),
            ("no tenant", with(1, b"")),
            ("an illegal tenant", with(1, b"De")),
            ("a tenant that is too long", with(1, &[b'a'; 64])),
            ("a tenant that is not text", with(1, &[0xff])),
            ("cut in the hash", good[..20].into()),
            ("padding", format!("{good}==")),
            ("a space before", format!(" {good}")),
            ("a line end", format!("{good}\n")),
            (
                "the other alphabet",
                "AQAAAAAAAAAR/wECAwQFBgBkZWZhdWx0".into(),
            ),
            (
                "bits after the end",
                format!("{}R", &good[..good.len() - 1]),
            ),
            ("very long", "A".repeat(100_000)),
        ];
        for (name, text) in rows {
            assert_eq!(
                text.parse::<Revision>(),
                Err(ParseRevisionError),
                "{name}: {text:.200}"
            );
        }
    }

    #[test]
    fn an_answer_carries_one_revision() {
        let mut headers = HeaderMap::new();
        revision("default", 1).set_on(&mut headers);
        revision("default", 2).set_on(&mut headers);
        let carried: Vec<_> = headers.get_all("Writ-Revision").iter().collect();
        assert_eq!(carried, [revision("default", 2).to_string().as_str()]);
    }
}
