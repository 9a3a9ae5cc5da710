//! Handlers and what is said of them, declared together.

use core::fmt;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::path::HttpMethod;

use super::Operation;

/// Routes, each with its operation.
pub struct Routes<S = ()> {
    router: Router<S>,
    operations: Vec<Operation>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            operations: Vec::new(),
        }
    }

    /// With a handler at the operation's path and method.
    #[must_use]
    pub fn on<H, T>(self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let route = on(filter(&operation.method), handler);
        self.mounted(operation, route)
    }

    /// With what answers the operation's method; whatever else it answers is not told of.
    #[must_use]
    pub fn mounted(mut self, operation: Operation, route: MethodRouter<S>) -> Self {
        self.router = self.router.route(operation.path, route);
        self.operations.push(operation);
        self
    }

    /// What serves them.
    pub fn router(self) -> Router<S> {
        self.router
    }

    /// What is said of them.
    #[must_use]
    pub fn operations(self) -> Vec<Operation> {
        self.operations
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routes = self.operations.iter().map(Operation::route);
        f.debug_list().entries(routes).finish()
    }
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
