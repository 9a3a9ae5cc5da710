//! `writ openapi`: the document of the routes, for who makes a client or compares releases.

use crate::{documents, output};

pub(super) fn run() -> anyhow::Result<()> {
    Ok(output::result(&documents::text(&documents::openapi()))?)
}
