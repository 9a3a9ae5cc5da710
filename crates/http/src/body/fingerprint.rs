//! What tells one request from another under the same idempotency key.

use axum::http::Method;
use sha2::{Digest as _, Sha256};

/// Keeps these hashes apart from every other SHA-256 in the ledger.
const DOMAIN: &[u8] = b"writ.request.v1";

/// SHA-256 over a request as it was received.
///
/// Each part goes in with its length before it, so no two requests run together into the same
/// bytes; a query that is absent differs from one that is empty. MUST stay as it is: stored
/// fingerprints are compared with new ones for as long as keys live.
#[must_use]
pub fn fingerprint(
    method: &Method,
    raw_path: &str,
    raw_query: Option<&str>,
    body: &[u8],
) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(DOMAIN);
    part(method.as_str().as_bytes());
    part(raw_path.as_bytes());
    part(if raw_query.is_some() { b"?" } else { b"" });
    part(raw_query.unwrap_or_default().as_bytes());
    part(body);
    hash.finalize().into()
}
