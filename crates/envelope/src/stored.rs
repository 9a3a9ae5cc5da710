//! The canonical texts of an entry's facts and outcome: stored as they are, and hashed.
//!
//! Compact JSON without white space; fields in the order of declaration in [`v1`](crate::v1),
//! absent ones left out; maps in the order of their names' bytes; strings escaped only where JSON
//! demands it (`\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`, other controls as `\u00xx`). Frozen.

use writ_domain::{Fact, Outcome};

use crate::json;
use crate::read::{Fault, Read, Tree};
use crate::v1::{self, Mirror};

/// The canonical text of facts: a list.
#[must_use]
pub fn facts_json(facts: &[Fact]) -> String {
    let facts: Vec<v1::Fact> = facts.iter().map(Mirror::of).collect();
    json::compact(&facts)
}

/// Reads facts back.
pub fn facts_from_json(text: &str) -> Result<Vec<Fact>, Fault> {
    Vec::<v1::Fact>::read(Tree::parse(text.as_bytes())?).map(Mirror::back)
}

/// The canonical text of an outcome: an object.
#[must_use]
pub fn outcome_json(outcome: &Outcome) -> String {
    json::compact(&v1::Outcome::of(outcome))
}

/// Reads an outcome back.
pub fn outcome_from_json(text: &str) -> Result<Outcome, Fault> {
    v1::Outcome::read(Tree::parse(text.as_bytes())?).map(Mirror::back)
}
