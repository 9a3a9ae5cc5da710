//! `writ rebuild`: the ledger folded again from the log, or its views from its entries.

use super::progress::Progress;
use super::{on_database, settings};
use crate::config::Flags;
use crate::{output, roles};

/// Arguments of `writ rebuild`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only the views, beside the live ones, while the ledger goes on.
    #[arg(long)]
    views: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = settings(&args.flags)?;
    let progress = Progress::new("entries folded");
    let rebuilt = on_database(&settings, async |database| {
        let at = |done, total| progress.at(done, total);
        if args.views {
            roles::rebuild_views(database, &at).await
        } else {
            roles::rebuild(&settings, database, &at).await
        }
    })?;
    progress.finish();
    let text = if args.json {
        serde_json::to_string(&rebuilt)?
    } else {
        rebuilt.to_string()
    };
    output::result(&text)?;
    anyhow::ensure!(rebuilt.equal, "what was rebuilt is not what was there");
    Ok(())
}
