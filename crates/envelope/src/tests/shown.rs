//! What readers see of facts and commands.

use writ_domain::{Command, Fact};

use crate::v1::{self, Mirror as _};
use crate::{WITHHELD, facts_json, json, shown_command_json, shown_facts_json, vector};

/// What the vectors have wherever a password's hash stands.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

fn without_hashes(text: &str) -> String {
    text.replace(HASH, WITHHELD)
}

#[test]
fn facts_are_shown_whole_but_for_the_hashes_of_passwords() {
    let facts: Vec<Fact> = vector::facts().into_iter().map(|(_, fact)| fact).collect();
    let kept = facts_json(&facts);
    assert_eq!(
        kept.matches(HASH).count(),
        3,
        "the vectors have each secret"
    );
    assert_eq!(shown_facts_json(&facts), without_hashes(&kept));
}

#[test]
fn commands_are_shown_whole_but_for_the_hashes_of_passwords() {
    let mut commands: Vec<Command> = vector::commands()
        .into_iter()
        .map(|(_, command)| command)
        .collect();
    let batch = commands
        .iter()
        .filter(|command| !matches!(command, Command::Batch(_)))
        .cloned()
        .collect();
    commands.push(Command::Batch(batch));
    let mut secrets = 0;
    for command in &commands {
        let kept = json::compact(&v1::Command::of(command));
        secrets += kept.matches(HASH).count();
        assert_eq!(shown_command_json(command), without_hashes(&kept));
    }
    assert_eq!(
        secrets, 10,
        "the vectors have each secret, and the batch once more"
    );
}
