//! Auth0's Management API, translated to commands and views.
mod json;
mod schema;
