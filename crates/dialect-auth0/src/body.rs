//! Bodies: read whole, as one value, and looked at by the schema of their route.

use writ_http::body::Received;

use crate::failure::Failure;
use crate::json::Json;
use crate::schema::{Node, check};

/// The body as a value that the route's schema admits. No body is `null`.
pub(crate) fn read(received: &Received, node: &Node) -> Result<Json, Failure> {
    let body = if received.is_empty() {
        Json::Null
    } else {
        // Checks media type, depth and form. The value that it makes has lost the members' order.
        received.json()?;
        Json::parse(&received.bytes).map_err(|_not_json| Failure::not_json())?
    };
    check(node, &body).map_err(|problem| Failure::payload(&problem))?;
    Ok(body)
}
