//! A panic of a handler costs its request, and nothing else.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

use crate::problem::{Problem, Render};

/// Answers a panic with `internal`, and logs what it said.
#[must_use]
pub fn catch_panic() -> CatchPanicLayer<CatchPanic> {
    catch_panic_with(Problem::into_response)
}

/// The same, in a dialect's own words.
#[must_use]
pub fn catch_panic_with(render: Render) -> CatchPanicLayer<CatchPanic> {
    CatchPanicLayer::custom(CatchPanic { render })
}

/// Makes an answer of a panic.
#[derive(Debug, Clone, Copy)]
pub struct CatchPanic {
    render: Render,
}

impl ResponseForPanic for CatchPanic {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, thrown: Box<dyn Any + Send + 'static>) -> Response {
        let mut problem = Problem::internal(Panicked {
            message: message(&*thrown),
        });
        // Here and not by the renderer alone: a panic must never pass unseen.
        problem.log();
        (self.render)(problem)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {message}")]
struct Panicked {
    message: String,
}

fn message(thrown: &(dyn Any + Send)) -> String {
    if let Some(text) = thrown.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    match thrown.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => "with something that is not text".to_owned(),
    }
}
