//! `writ check-config`: what holds, and where each setting came from.

use serde_json::json;

use crate::config::{self, Environment, Flags, Shown};
use crate::output;

/// Arguments of `writ check-config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let loaded = config::load(&args.flags, &Environment::of_process());
    match loaded {
        Ok(loaded) => {
            let text = if args.json {
                json!({ "valid": true, "settings": loaded.shown }).to_string()
            } else {
                table(&loaded.shown)
            };
            Ok(output::result(&text)?)
        }
        Err(invalid) => {
            if args.json {
                output::result(&json!({ "valid": false, "errors": invalid.0 }).to_string())?;
            }
            Err(invalid.into())
        }
    }
}

fn table(shown: &[Shown]) -> String {
    let width = |of: fn(&Shown) -> &str| shown.iter().map(|one| of(one).len()).max().unwrap_or(0);
    let (keys, values) = (width(|one| one.key), width(|one| &one.value));
    let rows = shown.iter().map(|Shown { key, value, source }| {
        let value = if value.is_empty() { "-" } else { value };
        format!("{key:<keys$}  {value:<values$}  {source}")
    });
    rows.collect::<Vec<_>>().join("\n")
}
