//! What a client is told of the routes: an OpenAPI document, built where the routes are.
//!
//! **Shape.** An [`Operation`] says everything of a route: parameters, rights, bodies, each answer,
//! each with an example. [`Routes`] mounts a handler together with its operation, so that neither is
//! there without the other. A crate with routes gives a [`Document`] of its own; the server puts
//! them together. Bodies are named schemas: derived from types, read from a JSON Schema, or written
//! down as one.
//!
//! **Correctness.** The document is made at start from constants. What is wrong with it (an example
//! that is no JSON, two schemas of one name) fails in tests that make the whole of it, and those
//! that send its examples to a server.
//!
//! Deliberately absent: any route, and the shapes of bodies but a problem's.

mod content;
mod operation;
mod parameter;
mod render;
mod routes;
mod schemas;
mod shared;
mod sharing;
#[cfg(test)]
mod tests;

pub use utoipa::openapi::path::HttpMethod;

pub use content::Content;
pub use operation::{Operation, Rights};
pub use parameter::Parameter;
pub use routes::Routes;
pub use schemas::{Schemas, extended, object};
pub use shared::{BASIC, BEARER, COOKIE, CSRF_HEADER};

/// Operations with the schemas that they name.
#[derive(Debug, Default)]
pub struct Document {
    operations: Vec<Operation>,
    schemas: Schemas,
    tags: Vec<(&'static str, &'static str)>,
}

impl Document {
    /// Says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a group of operations; groups are shown in the order in which they are named.
    #[must_use]
    pub fn tag(mut self, name: &'static str, description: &'static str) -> Self {
        self.tags.push((name, description));
        self
    }

    /// With these operations.
    #[must_use]
    pub fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.operations.extend(operations);
        self
    }

    /// With these schemas.
    #[must_use]
    pub fn schemas(mut self, schemas: Schemas) -> Self {
        self.schemas.merge(schemas);
        self
    }

    /// With all that another one says.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self.schemas.merge(other.schemas);
        self.tags.extend(other.tags);
        self
    }

    /// The names that two different schemas bear: there must be none.
    #[must_use]
    pub fn clashes(&self) -> &[String] {
        self.schemas.clashes()
    }
}
