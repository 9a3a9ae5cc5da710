//! A request as Express has read it before a controller sees it.

use std::net::{IpAddr, SocketAddr};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method};
use writ_http::body::{BodyError, fingerprint, read};
use writ_http::{Caller, Provenance};

use crate::body;
use crate::failure::Failure;
use crate::js::Value;
use crate::query::Query;
use crate::router::Shared;

/// A request whose body has been read.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path and query as sent.
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) address: Option<IpAddr>,
    fingerprint: [u8; 32],
}

impl Ask {
    /// Reads the body, whatever the route: what is wrong with it comes before everything else.
    pub(crate) async fn read(shared: &Shared, request: Request) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let uri = &parts.uri;
        let target = uri
            .path_and_query()
            .map_or(uri.path(), |both| both.as_str());
        // The dialect knows compression; the bytes are taken as they come.
        let mut plain = parts.headers.clone();
        plain.remove(axum::http::header::CONTENT_ENCODING);
        let received = read(body, &plain, &shared.state.body_limits).await;
        // A body that nobody reads may be of any size.
        let received = match received {
            Ok(received) => received.bytes,
            Err(BodyError::TooLarge { .. }) if body::kind(&parts.headers).is_none() => Bytes::new(),
            Err(error) => return Err(body::not_read(&error)),
        };
        Ok(Self {
            target: target.to_owned(),
            path: uri.path().to_owned(),
            query: Query::read(uri.query()),
            fingerprint: fingerprint(&parts.method, uri.path(), uri.query(), &received),
            body: body::read(&received, &parts.headers)?,
            address: peer.map(|peer| peer.0.ip()),
            method: parts.method,
            headers: parts.headers,
        })
    }

    /// The first header of this name, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The request as the ledger records it, asked by this subject.
    pub(crate) fn asked_by(
        &self,
        shared: &Shared,
        subject: String,
        client_id: Option<String>,
    ) -> Result<(Caller, Provenance, [u8; 32]), Failure> {
        let provenance = Provenance::from_headers(&self.headers)
            .map_err(|error| Failure::header(error.to_string()))?;
        let caller = Caller {
            tenant: shared.state.tenant.clone(),
            subject,
            client_id,
            scopes: std::collections::BTreeSet::new(),
            address: self.address,
            user_agent: self.header("user-agent").map(str::to_owned),
            auth0_client: None,
        };
        Ok((caller, provenance, self.fingerprint))
    }

    /// The session's cookie, as cookie-parser and then the product's own parser find it.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all: Vec<&str> = self
            .headers
            .get_all(axum::http::header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let header = all.join("; ");
        // The first one wins, quotes are taken off, and an empty one is none.
        let first = header.split(';').find_map(|part| named(part, name))?;
        let bare = first
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(first);
        if !bare.is_empty() {
            return Some(unescaped(bare));
        }
        // Then the last one wins, and quotes stay.
        self.last_cookie(name).filter(|last| !last.is_empty())
    }

    /// A cookie as the product's own parser finds it: the last one wins, and quotes stay.
    pub(crate) fn last_cookie(&self, name: &str) -> Option<String> {
        let headers = self.headers.get_all(axum::http::header::COOKIE).iter();
        let mut parts = headers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|header| header.split(';'));
        let last = parts.rfind(|part| named(part, name).is_some())?;
        named(last, name).map(unescaped)
    }
}

/// What a part of a cookie header says of this name.
fn named<'a>(part: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = part.split_once('=')?;
    (key.trim() == name).then(|| value.trim())
}

/// `decodeURIComponent`, or the text as it is where that fails.
pub(crate) fn unescaped(text: &str) -> String {
    strictly_unescaped(text).unwrap_or_else(|| text.to_owned())
}

/// `decodeURIComponent`; none where it throws.
pub(crate) fn strictly_unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let digits = core::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
