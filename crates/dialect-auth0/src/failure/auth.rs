//! Requests without a caller.

use axum::http::StatusCode;
use writ_http::AuthError;

use super::Failure;
use crate::json::Json;

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        let unauthorized = |message: String| Self::new(StatusCode::UNAUTHORIZED, message);
        match error {
            AuthError::Missing => unauthorized("Missing authentication".to_owned()).challenged(),
            AuthError::Malformed => {
                Self::new(StatusCode::BAD_REQUEST, "Bad HTTP authentication header format")
                    .coded("Bearer")
            }
            AuthError::InvalidSignature => unauthorized(
                "Invalid signature received for JSON Web Token validation".to_owned(),
            ),
            AuthError::Expired => {
                unauthorized("Expired token received for JSON Web Token validation".to_owned())
            }
            AuthError::BadAudience(audience) => unauthorized(format!("Bad audience: {audience}")),
            AuthError::NotYetValid
            | AuthError::BadIssuer
            | AuthError::UnknownKey
            | AuthError::NoTenant
            | AuthError::Invalid => {
                let attributes =
                    Json::Object(vec![("error".to_owned(), Json::text("Invalid token"))]);
                Self { attributes: Some(attributes), ..unauthorized("Invalid token".to_owned()) }
            }
        }
    }
}
