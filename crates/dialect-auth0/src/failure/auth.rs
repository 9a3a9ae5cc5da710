//! Requests without a caller.

use axum::http::StatusCode;
use writ_http::AuthError;

use super::Failure;

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        let unauthorized = |message: String| Self::new(StatusCode::UNAUTHORIZED, message);
        match error {
            AuthError::Missing => unauthorized("Missing authentication".to_owned()).challenged(),
            AuthError::Malformed => Self::new(
                StatusCode::BAD_REQUEST,
                "Bad HTTP authentication header format",
            )
            .coded("Bearer"),
            AuthError::InvalidSignature => {
                unauthorized("Invalid signature received for JSON Web Token validation".to_owned())
            }
            AuthError::Expired => {
                unauthorized("Expired token received for JSON Web Token validation".to_owned())
            }
            AuthError::BadAudience(audience) => unauthorized(format!("Bad audience: {audience}")),
            AuthError::NotYetValid
            | AuthError::BadIssuer
            | AuthError::UnknownKey
            | AuthError::NoTenant
            | AuthError::Invalid => Self {
                attribute: Some("Invalid token"),
                ..unauthorized("Invalid token".to_owned())
            },
        }
    }
}
