//! The edge: connections in, bounded in number, size and time.
//!
//! HTTP/1.1 over TCP. TLS is for a proxy in front. What a request means is the router's; here are
//! the limits that hold before a router sees it, and those that hold for all routes together.

mod accept;
mod health;
mod start;

pub(crate) use accept::{Options, serve};
pub(crate) use health::{Readiness, Readying, document, router as health};
pub(crate) use start::start;

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

/// Takes the address, so that a second process learns at once that it is taken.
pub(crate) async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}"))
}

/// How this machine reaches a listener: an address that stands for all becomes the loopback one.
pub(crate) fn url(address: SocketAddr) -> String {
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    format!("http://{host}:{}", address.port())
}

#[cfg(test)]
mod tests;
