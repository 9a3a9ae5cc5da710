//! The token endpoint as SDKs call it, and its tokens as a verifier reads them.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::credentials::{Client, digest};
use crate::data_dir::DataDir;

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> DateTime<Utc> {
        // In 2106, so that a library which looks at a real clock takes its tokens.
        DateTime::from_timestamp(4_294_967_296, 0).unwrap()
    }
}

struct Fixture {
    drawer: Drawer,
    credentials: Credentials,
    issuer: Issuer,
    _dir: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let drawer = Drawer::of(&DataDir::create(dir.path(), false).unwrap());
    let credentials = drawer.read_or_make().unwrap();
    let issuer = Issuer::try_new(
        credentials.clone(),
        drawer.clone(),
        Arc::new(Fixed),
        "http://127.0.0.1:4480",
    )
    .unwrap();
    Fixture {
        drawer,
        credentials,
        issuer,
        _dir: dir,
    }
}

impl Fixture {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.issuer.clone().router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn ask_form(&self, more: &str) -> (StatusCode, Value) {
        let Credentials {
            client_id,
            client_secret,
            ..
        } = &self.credentials;
        self.ask(form(&format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={}&{more}",
            client_secret.expose()
        )))
        .await
    }

    fn add(&self, id: &str, secret: &str, scope: &[&str]) {
        let scope = scope.iter().map(|scope| (*scope).to_owned()).collect();
        let client = Client {
            secret_sha256: digest(secret),
            scope,
            created_at: Fixed.now(),
        };
        self.drawer.add_client(id.to_owned(), client).unwrap();
    }

    fn claims(&self, token: &str) -> Value {
        let key = DecodingKey::from_jwk(&self.issuer.jwks().keys[0]).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.validate_aud = false;
        jsonwebtoken::decode(token, &key, &validation)
            .unwrap()
            .claims
    }
}

fn form(body: &str) -> Request<Body> {
    Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

const ANY_AUDIENCE: &str = "audience=https%3A%2F%2Flocalhost%3A4480%2Fapi%2Fv2%2F";

fn refused(error: &str, description: &str) -> Value {
    json!({ "error": error, "error_description": description })
}

#[tokio::test]
async fn without_scope_the_token_has_all_scopes_of_its_client() {
    let fixture = fixture();
    let (status, answer) = fixture.ask_form(ANY_AUDIENCE).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 86_400);
    let claims = fixture.claims(answer["access_token"].as_str().unwrap());
    let id = &fixture.credentials.client_id;
    assert_eq!(claims["iss"], "https://writ.localhost/");
    assert_eq!(claims["sub"], format!("{id}@clients"));
    assert_eq!(claims["azp"], *id);
    assert_eq!(claims["aud"], "https://localhost:4480/api/v2/");
    assert_eq!(claims["gty"], "client-credentials");
    assert_eq!(claims["iat"], 4_294_967_296_i64);
    assert_eq!(claims["exp"], 4_294_967_296_i64 + 86_400);
    let scopes: BTreeSet<&str> = claims["scope"].as_str().unwrap().split(' ').collect();
    assert_eq!(scopes, ALL_SCOPES.iter().copied().collect());
}

#[tokio::test]
async fn json_and_basic_do_as_well_as_a_form() {
    let fixture = fixture();
    fixture.add("app", "s3:cr+t", &["read:roles"]);
    let body = json!({
        "grant_type": "client_credentials", "client_id": "app", "client_secret": "s3:cr+t",
        "audience": "https://a/api/v2/", "extra": [1],
    });
    let request = Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Body::from(body.to_string()))
        .unwrap();
    assert_eq!(fixture.ask(request).await.0, StatusCode::OK);

    let pair = base64::engine::general_purpose::STANDARD.encode("app:s3%3Acr%2Bt");
    let request = Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {pair}"))
        .body(Body::from(format!(
            "grant_type=client_credentials&{ANY_AUDIENCE}"
        )))
        .unwrap();
    let (status, answer) = fixture.ask(request).await;
    assert_eq!(
        (status, &answer["scope"]),
        (StatusCode::OK, &json!("read:roles"))
    );
}

#[tokio::test]
async fn a_client_gets_the_scopes_it_asks_for_and_none_that_it_lacks() {
    let fixture = fixture();
    fixture.add("app", "secret", &["read:roles", "update:roles"]);
    let ask = |scope: &str| {
        form(&format!(
            "grant_type=client_credentials&client_id=app&client_secret=secret&{ANY_AUDIENCE}&scope={scope}"
        ))
    };
    let (status, answer) = fixture.ask(ask("update:roles")).await;
    assert_eq!(
        (status, &answer["scope"]),
        (StatusCode::OK, &json!("update:roles"))
    );
    let claims = fixture.claims(answer["access_token"].as_str().unwrap());
    assert_eq!(claims["scope"], "update:roles");
    assert_eq!(
        fixture.ask(ask("read:roles+read:users+delete:users")).await,
        (
            StatusCode::FORBIDDEN,
            refused(
                "access_denied",
                "Client has not been granted scopes: read:users, delete:users"
            )
        )
    );
}

#[tokio::test]
async fn a_client_made_while_the_server_runs_is_known_at_once() {
    let fixture = fixture();
    let ask = || {
        form(&format!(
            "grant_type=client_credentials&client_id=late&client_secret=secret&{ANY_AUDIENCE}"
        ))
    };
    assert_eq!(fixture.ask(ask()).await.0, StatusCode::UNAUTHORIZED);
    fixture.add("late", "secret", &["read:roles"]);
    assert_eq!(fixture.ask(ask()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_broken_file_of_credentials_locks_nobody_out() {
    let fixture = fixture();
    std::fs::write(fixture.drawer.path(), "{").unwrap();
    assert_eq!(fixture.ask_form(ANY_AUDIENCE).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_refusal_says_what_was_wrong_in_auth0s_words() {
    let fixture = fixture();
    let unauthorized = refused("access_denied", "Unauthorized");
    for (body, status, expected) in [
        (
            "",
            400,
            refused("invalid_request", "Missing required parameter: grant_type"),
        ),
        (
            "grant_type=password&username=ann",
            403,
            refused("unsupported_grant_type", "Unsupported grant type: password"),
        ),
        (
            "grant_type=client_credentials",
            400,
            refused("invalid_request", "Missing required parameter: client_id"),
        ),
        (
            "grant_type=client_credentials&client_id=who",
            401,
            unauthorized.clone(),
        ),
        (
            "grant_type=client_credentials&client_id=who&client_secret=x",
            401,
            unauthorized.clone(),
        ),
        (
            "grant_type=client_credentials&scope=a&scope=b",
            400,
            refused("invalid_request", "Parameter must not be repeated: scope"),
        ),
    ] {
        let answer = fixture.ask(form(body)).await;
        assert_eq!(
            answer,
            (StatusCode::from_u16(status).unwrap(), expected),
            "{body}"
        );
    }
    for (more, expected) in [
        (
            "scope=read:roles",
            "No audience parameter was provided, and no default audience has been configured",
        ),
        (
            "audience=https://other/",
            "Service not found: https://other/",
        ),
    ] {
        let answer = fixture.ask_form(more).await;
        assert_eq!(
            answer,
            (StatusCode::FORBIDDEN, refused("access_denied", expected)),
            "{more}"
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_in_every_way_of_giving_it() {
    let fixture = fixture();
    let id = &fixture.credentials.client_id;
    let body =
        format!("grant_type=client_credentials&client_id={id}&client_secret=no&{ANY_AUDIENCE}");
    assert_eq!(fixture.ask(form(&body)).await.0, StatusCode::UNAUTHORIZED);
    for value in ["Basic x", "Basic !!", "Bearer abc", "Basic"] {
        let mut request = form(&format!("grant_type=client_credentials&{ANY_AUDIENCE}"));
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, value.parse().unwrap());
        let response = fixture
            .issuer
            .clone()
            .router()
            .oneshot(request)
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{value}");
        assert!(
            response.headers().contains_key(header::WWW_AUTHENTICATE),
            "{value}"
        );
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let fixture = fixture();
    let json = |body: Body| {
        Request::post("/oauth/token")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap()
    };
    assert_eq!(
        fixture.ask(json(Body::from("{\"grant_type\":"))).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        fixture.ask(json(Body::from("[]"))).await.0,
        StatusCode::BAD_REQUEST
    );
    let large = json(Body::from(vec![b' '; 65 * 1024]));
    assert_eq!(fixture.ask(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let xml = Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "text/xml")
        .body(Body::from("<a/>"))
        .unwrap();
    assert_eq!(fixture.ask(xml).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_discovery_document_leads_to_the_key() {
    let fixture = fixture();
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let (status, document) = fixture.ask(get("/.well-known/openid-configuration")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(
        document["jwks_uri"],
        "http://127.0.0.1:4480/.well-known/jwks.json"
    );
    let (status, jwks) = fixture.ask(get("/.well-known/jwks.json")).await;
    assert_eq!(status, StatusCode::OK);
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("RSA"), &json!("RS256"), &json!("sig"))
    );
    assert_eq!(key["kid"], fixture.credentials.signing_key.kid);
    assert!(key.get("d").is_none());
}

#[test]
fn a_token_can_be_made_that_has_expired() {
    let fixture = fixture();
    let grant = Grant {
        client_id: "c",
        audience: AUDIENCE,
        scope: "",
        lifetime_s: -60,
    };
    let token = fixture.issuer.signer.sign(&grant).unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["exp"], 4_294_967_296_i64 - 60);
    assert!(claims["iat"].as_i64().unwrap() < claims["exp"].as_i64().unwrap());
}
