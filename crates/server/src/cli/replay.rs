//! `writ replay`: every entry again, for a person, a program, or an empty database.

use serde_json::Value;

use super::{Place, on_database, show};
use crate::paint::Paint;
use crate::supervisor::Supervisor;
use crate::{database, output, roles};

/// Arguments of `writ replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Begin with this entry, and tell those of its partition: for example 0-17.
    #[arg(long, value_name = "POSITION", conflicts_with = "into")]
    from: Option<String>,
    /// Tell only entries of this tenant.
    #[arg(long, value_name = "TENANT", conflicts_with = "into")]
    tenant: Option<String>,
    /// Entries that are told, at most.
    #[arg(long, value_name = "NUMBER", conflicts_with = "into")]
    limit: Option<u64>,
    /// Fold the entries into this empty database instead, and compare the digests.
    #[arg(long, value_name = "DATABASE_URL")]
    into: Option<String>,
    /// Print one line of JSON for each entry.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.into {
        Some(url) => fold(args, url),
        None => tell(args),
    }
}

fn tell(args: &Args) -> anyhow::Result<()> {
    let paint = Paint::for_output();
    let mut left = args.limit.unwrap_or(u64::MAX);
    let take = |tenant: &str, change: String| {
        if args.tenant.as_ref().is_some_and(|asked| asked != tenant) {
            return Ok(true);
        }
        let Some(rest) = left.checked_sub(1) else {
            return Ok(false);
        };
        left = rest;
        let text = if args.json {
            // SUBTLE: put into the text, which is opaque in places.
            let tenant = Value::from(tenant);
            let rest = change.strip_prefix('{').unwrap_or_default();
            format!("{{\"tenant\":{tenant},{rest}")
        } else {
            show::change(paint, &serde_json::from_str(&change)?)
        };
        output::result(&text)?;
        Ok(left > 0)
    };
    on_database(&args.place.settings()?, async |database| {
        roles::replay(database, args.from.as_deref(), take).await
    })
}

fn fold(args: &Args, url: &str) -> anyhow::Result<()> {
    let url = secrecy::SecretString::from(url.to_owned());
    let replayed = on_database(&args.place.settings()?, async |source| {
        let supervisor = Supervisor::default();
        let target = database::named("--into", &url, supervisor.ending()).await?;
        roles::replay_into(source, &target).await
    })?;
    let text = if args.json {
        serde_json::to_string(&replayed)?
    } else {
        replayed.to_string()
    };
    output::result(&text)?;
    anyhow::ensure!(
        replayed.equal,
        "the entries fold to another state than the live one"
    );
    Ok(())
}
