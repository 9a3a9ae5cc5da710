//! `writ client`: clients beside the first one. A running server knows them at once.

use serde_json::json;
use writ_domain::Clock as _;

use super::Place;
use crate::clock::SystemClock;
use crate::credentials::{Client, Drawer, digest};
use crate::ids::secret_text;
use crate::issuer::{self, known_scopes};
use crate::output;

/// What to do with clients.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a client. Its secret is shown this once.
    Create(Create),
}

/// Arguments of `writ client create`.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// The scopes that it may ask for, with spaces between.
    #[arg(long)]
    scope: String,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    let Command::Create(args) = command;
    let scope = known_scopes(&args.scope)?;
    let drawer = Drawer::of(&args.place.data_dir()?);
    let (id, secret) = (secret_text(32)?, secret_text(64)?);
    let names = scope.join(" ");
    let client = Client {
        secret_sha256: digest(&secret),
        scope,
        created_at: SystemClock.now(),
    };
    drawer.add_client(id.clone(), client)?;
    let text = if args.json {
        json!({
            "client_id": id,
            "client_secret": secret,
            "scope": names,
            "audience": issuer::AUDIENCE,
        })
        .to_string()
    } else {
        format!(
            "client id      {id}\nclient secret  {secret}\nscope          {names}\naudience       {}",
            issuer::AUDIENCE
        )
    };
    Ok(output::result(&text)?)
}
