//! What subcommands that ask a ledger's database share.

use serde_json::Value;

use super::{Place, on_database};
use crate::output;
use crate::paint::Paint;
use crate::roles::{Point, Reading};

/// Whose ledger is asked, where, and how the answer is shown.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Asking {
    /// Whose ledger.
    #[arg(long, value_name = "TENANT", default_value = "default")]
    tenant: String,
    /// As of a revision, or an instant such as 2026-01-31T08:00:00Z.
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Asking {
    /// Asks, and prints the answer.
    pub(super) fn answer(
        &self,
        ask: impl AsyncFnOnce(&Reading) -> anyhow::Result<Value>,
        show: impl FnOnce(Paint, &Value) -> String,
    ) -> anyhow::Result<()> {
        let point = Point {
            tenant: self.tenant.clone(),
            as_of: self.as_of.clone(),
        };
        let settings = self.place.settings()?;
        let body = on_database(&settings, async |database| {
            let reading = Reading::open(database, &point).await?;
            ask(&reading).await
        })?;
        let text = if self.json {
            body.to_string()
        } else {
            show(Paint::for_output(), &body)
        };
        Ok(output::result(&text)?)
    }
}
