//! The ledger as its readers see it: what tests ask after each request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use writ_tests::{Client, Response};

/// What a `Writ-Revision` says. To clients it is opaque; a test takes it apart, and forges it.
///
/// ```text
///   byte   0        1          9       17
///          version  tenant_seq chain8  tenant
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision(Vec<u8>);

impl Revision {
    /// The one that an answer carries.
    #[track_caller]
    pub(crate) fn of(answer: &Response) -> Self {
        let text = answer.header("writ-revision");
        assert!(!text.is_empty(), "no Writ-Revision: {answer:?}");
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
        assert!(bytes.len() > 17, "{text}");
        Self(bytes)
    }

    pub(crate) fn tenant_seq(&self) -> u64 {
        u64::from_be_bytes(self.0[1..9].try_into().expect("8 bytes"))
    }

    /// The beginning of the entry's chain hash, in hexadecimal.
    pub(crate) fn hash(&self) -> String {
        let chain8 = self.0[9..17].try_into().expect("8 bytes");
        format!("{:016x}", u64::from_be_bytes(chain8))
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// The same of another entry.
    pub(crate) fn numbered(mut self, tenant_seq: u64) -> Self {
        self.0[1..9].copy_from_slice(&tenant_seq.to_be_bytes());
        self
    }

    /// The same of a history in which that entry was another.
    pub(crate) fn of_another_history(mut self) -> Self {
        self.0[9] ^= 1;
        self
    }
}

/// The number of the newest entry.
pub(crate) async fn head(client: &Client) -> u64 {
    let answer = client.get("/v1/changes?limit=1").await.expect(200);
    Revision::of(&answer).tenant_seq()
}

/// Every change after an entry, page by page.
pub(crate) async fn changes_after(client: &Client, after: u64) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = after;
    loop {
        let page = format!("/v1/changes?after={after}&limit=1000");
        let page = client.get(&page).await.expect(200).json();
        all.extend(list(&page["changes"]));
        after = number(&page["checkpoint"]["tenant_seq"]);
        if page["more"] == false {
            return all;
        }
    }
}

/// What concerned the nouns that a query names, the newest first, as far as one page goes.
pub(crate) async fn history(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/v1/history?{query}")).await;
    list(&answer.expect(200).json()["entries"])
}

/// The value of a header, of a query or of a path that has these words.
pub(crate) fn encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    text.to_owned()
}

#[track_caller]
pub(crate) fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

#[track_caller]
pub(crate) fn list(value: &Value) -> Vec<Value> {
    let list = value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"));
    list.clone()
}
