//! The ledger's own word on what was written, compared with what callers were told.

use serde::Deserialize;
use serde_json::json;

use crate::drive::Faults;
use crate::wire::{Ask, Wire};

/// A place in the ledger from which entries are counted.
#[derive(Debug)]
pub(crate) struct Mark {
    wire: Wire,
    tenant_seq: u64,
}

#[derive(Deserialize)]
struct Page {
    changes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    tenant_seq: u64,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    r#type: String,
}

#[derive(Deserialize)]
struct Decided {
    tenant_seq: u64,
}

impl Mark {
    /// The end of the ledger as it is now.
    pub(crate) async fn set(mut wire: Wire) -> Result<Self, String> {
        let tenant_seq = end(&mut wire).await?;
        Ok(Self { wire, tenant_seq })
    }

    /// Whether the ledger holds, since the mark, just as many writes as were answered, all applied.
    pub(crate) async fn compare(self, answered: u64) -> Faults {
        let mut faults = Faults::default();
        match self.applied().await {
            Ok(applied) if applied == answered => {}
            Ok(applied) => faults.add(format!(
                "{answered} writes were answered, and {applied} are in the ledger"
            )),
            Err(error) => faults.add(error),
        }
        faults
    }

    async fn applied(mut self) -> Result<u64, String> {
        let end = end(&mut self.wire).await?;
        let (mut after, mut applied) = (self.tenant_seq, 0);
        // The entry at the end is the mark's own.
        while after + 1 < end {
            let limit = (end - 1 - after).min(1_000);
            let ask = Ask::get(&format!("/v1/changes?after={after}&limit={limit}"));
            let answer = self.wire.call(&ask).await?;
            let page: Page = serde_json::from_slice(&answer.expect(200)?.body)
                .map_err(|error| format!("a page of the feed: {error}"))?;
            if page.changes.is_empty() {
                return Err(format!("the feed ends at {after}, the ledger at {end}"));
            }
            for entry in page.changes {
                if entry.tenant_seq != after + 1 {
                    return Err(format!("the feed has a hole after {after}"));
                }
                after = entry.tenant_seq;
                applied += u64::from(entry.outcome.r#type == "applied");
            }
        }
        Ok(applied)
    }
}

/// Writes a command that changes nothing, and says which entry it became.
pub(crate) async fn end(wire: &mut Wire) -> Result<u64, String> {
    let nothing = json!({ "command": { "type": "DeleteRole", "role": "there is none" } });
    let answer = wire
        .call(&Ask::post("/v1/commands", nothing.to_string()))
        .await?;
    let decided: Decided = serde_json::from_slice(&answer.expect(200)?.body)
        .map_err(|error| format!("an outcome: {error}"))?;
    Ok(decided.tenant_seq)
}
