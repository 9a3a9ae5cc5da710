//! `POST /oauth/token`: client credentials, in a form, in JSON, or with HTTP Basic.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tracing::{error, info};

use super::refusal::Refusal;
use super::{Grant, Issuer, LIFETIME_S, serves_audience};

const BODY_BYTES_MAX: usize = 64 * 1024;

/// What is asked for, and by whom.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    client_id: String,
    client_secret: String,
    /// Whether the client named itself by HTTP Basic.
    basic: bool,
    audience: Option<String>,
    scope: Vec<String>,
}

pub(super) async fn token(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let body = to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_too_large| Refusal::TooLarge)?;
    let request = read(&headers, &body)?;
    // Reads a file and computes a signature.
    let grant = tokio::task::spawn_blocking(move || grant(&issuer, &request));
    let answer = grant.await.map_err(|error| {
        error!(%error, "the token endpoint failed");
        Refusal::Failed
    })??;
    let mut response = Json(answer).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn grant(issuer: &Issuer, request: &Request) -> Result<Value, Refusal> {
    let client = issuer
        .clients
        .prove(&request.client_id, &request.client_secret)
        .ok_or(Refusal::Unauthorized {
            basic: request.basic,
        })?;
    let audience = request.audience.as_deref().ok_or(Refusal::NoAudience)?;
    if !serves_audience(audience) {
        return Err(Refusal::UnknownAudience(audience.to_owned()));
    }
    let lacking: Vec<String> = request
        .scope
        .iter()
        .filter(|scope| !client.scope.contains(scope))
        .cloned()
        .collect();
    if !lacking.is_empty() {
        return Err(Refusal::NotGranted(lacking));
    }
    let scope = if request.scope.is_empty() {
        &client.scope
    } else {
        &request.scope
    }
    .join(" ");
    let lifetime_s = LIFETIME_S;
    let grant = Grant {
        client_id: &request.client_id,
        audience,
        scope: &scope,
        lifetime_s,
    };
    let token = issuer.signer.sign(&grant).map_err(|error| {
        error!(%error, "failed to make a token");
        Refusal::Failed
    })?;
    info!(client.id = request.client_id, "gave out a token");
    Ok(json!({
        "access_token": token,
        "scope": scope,
        "expires_in": LIFETIME_S,
        "token_type": "Bearer",
    }))
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Request, Refusal> {
    let mut parameters = parameters(headers, body)?;
    let mut take = |name: &str| parameters.remove(name).filter(|text| !text.is_empty());
    match take("grant_type") {
        None => return Err(Refusal::MissingParameter("grant_type")),
        Some(grant) if grant != "client_credentials" => {
            return Err(Refusal::UnsupportedGrant(grant));
        }
        Some(_) => {}
    }
    let basic = basic(headers)?;
    let (client_id, client_secret, basic) = match basic {
        Some((id, secret)) => (id, secret, true),
        None => (
            take("client_id").ok_or(Refusal::MissingParameter("client_id"))?,
            take("client_secret").ok_or(Refusal::Unauthorized { basic: false })?,
            false,
        ),
    };
    let mut scope: Vec<String> = Vec::new();
    for name in take("scope").unwrap_or_default().split_ascii_whitespace() {
        if !scope.iter().any(|known| known == name) {
            scope.push(name.to_owned());
        }
    }
    Ok(Request {
        client_id,
        client_secret,
        basic,
        audience: take("audience"),
        scope,
    })
}

/// The parameters of a form or of a JSON object.
fn parameters(headers: &HeaderMap, body: &[u8]) -> Result<BTreeMap<String, String>, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let media_type = content_type
        .map(|text| String::from_utf8_lossy(text).to_ascii_lowercase())
        .and_then(|text| {
            text.split(';')
                .next()
                .map(|media_type| media_type.trim().to_owned())
        });
    match media_type.as_deref() {
        Some("application/json") => {
            let value: BTreeMap<String, Value> = serde_json::from_slice(body)
                .map_err(|error| Refusal::Malformed(format!("Invalid JSON: {error}")))?;
            // Parameters that are no texts are none that we know.
            let texts = value.into_iter().filter_map(|(name, value)| match value {
                Value::String(text) => Some((name, text)),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            });
            Ok(texts.collect())
        }
        None | Some("application/x-www-form-urlencoded") => {
            let mut found = BTreeMap::new();
            for (name, value) in form_urlencoded::parse(body) {
                if found.insert(name.to_string(), value.into_owned()).is_some() {
                    let why = format!("Parameter must not be repeated: {name}");
                    return Err(Refusal::Malformed(why));
                }
            }
            Ok(found)
        }
        Some(other) => Err(Refusal::Malformed(format!(
            "Unsupported content type: {other}"
        ))),
    }
}

/// Id and secret of HTTP Basic, each encoded like a form's value (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let unauthorized = || Refusal::Unauthorized { basic: true };
    let text = value.to_str().map_err(|_not_text| unauthorized())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(unauthorized)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unauthorized());
    }
    let bytes = STANDARD
        .decode(encoded.trim())
        .map_err(|_not_base64| unauthorized())?;
    let pair = String::from_utf8(bytes).map_err(|_not_text| unauthorized())?;
    let (id, secret) = pair.split_once(':').ok_or_else(unauthorized)?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Ok(Some((decoded(id), decoded(secret))))
}
