//! `writ token`: a token of this installation, without asking its server.

use std::sync::Arc;

use serde_json::json;
use writ_domain::Clock as _;

use super::Place;
use crate::clock::SystemClock;
use crate::credentials::Drawer;
use crate::issuer::{self, ALL_SCOPES, Grant, Signer, known_scopes};
use crate::output;

/// Arguments of `writ token`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Scopes with spaces between; all if not given, none if empty.
    #[arg(long)]
    scope: Option<String>,
    /// The audience that the token names.
    #[arg(long, default_value = issuer::AUDIENCE)]
    audience: String,
    /// Seconds that it lives; a negative number makes one that has expired.
    #[arg(long, value_name = "SECONDS", default_value_t = issuer::LIFETIME_S,
          allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-31_536_000..=31_536_000))]
    expires_in: i64,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let credentials = Drawer::of(&args.place.data_dir()?).read()?;
    let scope = match &args.scope {
        None => ALL_SCOPES.join(" "),
        Some(text) => known_scopes(text)?.join(" "),
    };
    let signer = Signer::try_new(&credentials.signing_key, Arc::new(SystemClock))?;
    let token = signer.sign(&Grant {
        client_id: &credentials.client_id,
        audience: &args.audience,
        scope: &scope,
        lifetime_s: args.expires_in,
    })?;
    let text = if args.json {
        let expires_at = SystemClock.now() + chrono::TimeDelta::seconds(args.expires_in);
        json!({
            "token": token,
            "audience": args.audience,
            "scope": scope,
            "expires_at": expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        })
        .to_string()
    } else {
        token
    };
    Ok(output::result(&text)?)
}
