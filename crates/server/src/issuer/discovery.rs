//! What a verifier needs to know: `/.well-known/jwks.json` and `/.well-known/openid-configuration`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use super::{ALL_SCOPES, ISSUER, Issuer};

pub(super) async fn jwks(State(issuer): State<Issuer>) -> impl IntoResponse {
    let cache = [(header::CACHE_CONTROL, "public, max-age=15, must-revalidate")];
    (cache, Json(issuer.jwks().clone()))
}

pub(super) async fn configuration(State(issuer): State<Issuer>) -> impl IntoResponse {
    let url = issuer.url.trim_end_matches('/');
    Json(json!({
        "issuer": ISSUER,
        "token_endpoint": format!("{url}/oauth/token"),
        "jwks_uri": format!("{url}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "response_types_supported": [],
        "scopes_supported": ALL_SCOPES,
    }))
}
