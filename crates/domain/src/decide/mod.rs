//! Deciding: `(state, command, stamp) -> Decision`, and what comes before it.
//!
//! Nothing here reads a clock, randomness or the order of a hash. A rejection is not an error:
//! it is an outcome, and goes on record.

mod admins;
mod admit;
mod apis;
mod camunda;
mod guards;
mod links;
mod permissions;
mod roles;
#[cfg(test)]
mod tests;
mod text;
mod users;

use std::collections::BTreeSet;

pub use guards::guard_place;
pub(crate) use text::check as check_texts;

use crate::state::{Contradiction, Draft, Missing, State};
use crate::{
    Command, Denial, Expected, Fact, Key, NounKind, NounRef, Outcome, Placement, Realm, Rejection,
    Submission, TenantSeq, target,
};

/// What the rules make of a command.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// These facts, in this order, in one transaction.
    Applied(Vec<Fact>),
    /// What was asked is already so. Recorded as a success without facts.
    Unchanged,
    /// The rules say no. Recorded as the command's outcome.
    Rejected(Rejection),
    /// The caller's rights say no. Recorded too.
    Denied(Denial),
    /// More of the state must be loaded before this can be decided.
    Need(BTreeSet<Key>),
    /// A fact did not fit the state that it was decided on: halt.
    Contradiction(Contradiction),
}

/// How a record ended, and what is remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The outcome.
    pub outcome: Outcome,
    /// The facts; empty unless the outcome is `applied`.
    pub facts: Vec<Fact>,
    /// Whether this entry is the one that decided the command id.
    pub remembers_command: bool,
    /// Whether this entry holds the submission's idempotency key from now on.
    pub holds_key: bool,
}

/// What becomes of a record.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is decided.
    Settled(Settled),
    /// More of the state must be loaded first.
    Need(BTreeSet<Key>),
    /// A fact did not fit the state that it was decided on: halt.
    Contradiction(Contradiction),
}

/// Why deciding stopped.
#[derive(Debug)]
enum Stop {
    Rejected(Rejection),
    Denied(Denial),
    Missing(Missing),
    /// Several things at once.
    Need(BTreeSet<Key>),
    Contradiction(Contradiction),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Contradiction> for Stop {
    fn from(contradiction: Contradiction) -> Self {
        Self::Contradiction(contradiction)
    }
}

/// Admits a submission (seen before? too late? cancelled? key used?) and decides it.
pub fn judge(state: &State, submission: &Submission, placement: &Placement) -> Judgement {
    match admit::admit(state, submission, placement) {
        Err(Missing(key)) => return Judgement::Need(BTreeSet::from([key])),
        Ok(Some(settled)) => return Judgement::Settled(settled),
        Ok(None) => {}
    }
    let outcome = match decide(state, submission, placement.tenant_seq) {
        Decision::Need(keys) => return Judgement::Need(keys),
        Decision::Contradiction(contradiction) => {
            return Judgement::Contradiction(contradiction);
        }
        Decision::Applied(facts) => {
            return Judgement::Settled(settled(Outcome::Applied, facts));
        }
        Decision::Unchanged => Outcome::Unchanged,
        Decision::Rejected(rejection) => Outcome::Rejected(rejection),
        Decision::Denied(denial) => Outcome::Denied(denial),
    };
    Judgement::Settled(settled(outcome, Vec::new()))
}

/// What is wrong with a command whatever the state and whoever asks.
///
/// `decide` rejects it too, on record. A dialect in whose words it is a malformed request asks
/// first, and does not submit it: what is answered 400 never reaches the log.
#[must_use]
pub fn malformed(command: &Command) -> Option<Rejection> {
    let whole = text::whole(command).and_then(|()| lists(command));
    whole.and_then(|()| camunda::malformed(command)).err()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other command holds such a list"
)]
fn lists(command: &Command) -> Result<(), Rejection> {
    match command {
        Command::CreateApi {
            realm,
            permissions: Some(list),
            ..
        }
        | Command::ReplaceApiPermissions {
            realm,
            permissions: list,
            ..
        } => apis::check_names(*realm, list),
        Command::Batch(commands) => commands.iter().try_for_each(lists),
        _ => Ok(()),
    }
}

fn settled(outcome: Outcome, facts: Vec<Fact>) -> Settled {
    Settled {
        outcome,
        facts,
        remembers_command: true,
        holds_key: true,
    }
}

/// Decides a command that was admitted, as the entry at `at`.
pub fn decide(state: &State, submission: &Submission, at: TenantSeq) -> Decision {
    let mut draft = Draft::new(state, at);
    match run(&mut draft, submission) {
        Ok(()) => {
            let facts = draft.into_facts();
            if facts.is_empty() {
                Decision::Unchanged
            } else {
                Decision::Applied(facts)
            }
        }
        Err(Stop::Rejected(rejection)) => Decision::Rejected(rejection),
        Err(Stop::Denied(denial)) => Decision::Denied(denial),
        Err(Stop::Missing(Missing(key))) => Decision::Need(BTreeSet::from([key])),
        Err(Stop::Need(keys)) => Decision::Need(keys),
        Err(Stop::Contradiction(contradiction)) => Decision::Contradiction(contradiction),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "one, below, names every command"
)]
fn run(draft: &mut Draft<'_>, submission: &Submission) -> Result<(), Stop> {
    check_texts(submission)?;
    if let Some(expected) = submission.stamp.expected {
        check_expected(draft, &submission.command, expected)?;
    }
    match &submission.command {
        Command::Batch(commands) => batch(draft, commands),
        Command::CancelCommand { command } => admit::cancel(draft, *command),
        Command::RecordDenial { denial, .. } => Err(Stop::Denied(denial.clone())),
        command => one(draft, command),
    }
}

fn batch(draft: &mut Draft<'_>, commands: &[Command]) -> Result<(), Stop> {
    for (index, command) in (0_u32..).zip(commands) {
        one(draft, command).map_err(|stop| match stop {
            Stop::Rejected(rejection) => Stop::Rejected(Rejection::InBatch {
                index,
                rejection: Box::new(rejection),
            }),
            stop
            @ (Stop::Denied(_) | Stop::Missing(_) | Stop::Need(_) | Stop::Contradiction(_)) => stop,
        })?;
    }
    Ok(())
}

fn one(draft: &mut Draft<'_>, command: &Command) -> Result<(), Stop> {
    match command {
        Command::CreateApi { .. }
        | Command::UpdateApi { .. }
        | Command::ReplaceApiPermissions { .. }
        | Command::DeleteApi { .. } => apis::decide(draft, command),
        Command::ConfigureNestAuth { .. }
        | Command::CreateGuardedRole { .. }
        | Command::UpdateGuardedRole { .. } => guards::decide(draft, command),
        Command::CreatePermission { .. }
        | Command::UpdatePermission { .. }
        | Command::DeletePermission { .. } => permissions::decide(draft, command),
        Command::CreateRole { .. }
        | Command::UpdateRole { .. }
        | Command::DeleteRole { .. }
        | Command::GrantRolePermissions { .. }
        | Command::RevokeRolePermissions { .. } => roles::decide(draft, command),
        // Camunda's users have authorizations on them, whoever makes and removes them.
        Command::RegisterUser {
            realm: Realm::Camunda,
            ..
        }
        | Command::DeleteUser {
            realm: Realm::Camunda,
            ..
        }
        | Command::ConfigureCamunda { .. }
        | Command::InstallCamundaAdmin { .. }
        | Command::CreateCamundaUser { .. }
        | Command::UpdateCamundaUser { .. }
        | Command::SetCamundaPassword { .. }
        | Command::DeleteCamundaUser { .. }
        | Command::CreateGroup { .. }
        | Command::UpdateGroup { .. }
        | Command::DeleteGroup { .. }
        | Command::AddGroupMember { .. }
        | Command::RemoveGroupMember { .. }
        | Command::CreateAuthorization { .. }
        | Command::UpdateAuthorization { .. }
        | Command::DeleteAuthorization { .. } => camunda::decide(draft, command),
        Command::RegisterUser { .. }
        | Command::UpdateUser { .. }
        | Command::DeleteUser { .. }
        | Command::GrantUserPermissions { .. }
        | Command::RevokeUserPermissions { .. }
        | Command::AssignUserRoles { .. }
        | Command::UnassignUserRoles { .. }
        | Command::AssignRoleUsers { .. } => users::decide(draft, command),
        Command::CreateAdmin { .. }
        | Command::ChangeAdminPassword { .. }
        | Command::EndAdminSessions { .. }
        | Command::DeleteAdmin { .. } => admins::decide(draft, command),
        Command::LinkSubject { subject, with } => links::link(draft, subject, with),
        Command::UnlinkSubject { subject } => links::unlink(draft, subject),
        // These stand by themselves: `run` decides them.
        Command::Batch(_) | Command::CancelCommand { .. } | Command::RecordDenial { .. } => {
            Err(Rejection::NotInBatch.into())
        }
    }
}

/// Rejects a stale belief about what the command is about. What never was changed last at zero.
fn check_expected(draft: &Draft<'_>, command: &Command, expected: Expected) -> Result<(), Stop> {
    let Some(noun) = target(command) else {
        return Ok(());
    };
    let changed_at = draft.last_changed(&canonical(draft, noun)?)?;
    let holds = match expected {
        Expected::UnchangedSince(seq) => changed_at <= seq,
        Expected::ChangedAt(seq) => changed_at == seq,
    };
    if holds {
        Ok(())
    } else {
        Err(Rejection::Stale { changed_at }.into())
    }
}

/// Changes of an API are kept under its identifier; callers may have named its id.
fn canonical(draft: &Draft<'_>, noun: NounRef) -> Result<NounRef, Missing> {
    match noun.kind {
        NounKind::Api => {
            let found = draft.api(noun.realm, &noun.id)?;
            let id = found.map_or(noun.id.clone(), |(_, slot)| slot.row.identifier.clone());
            Ok(NounRef { id, ..noun })
        }
        NounKind::Role
        | NounKind::User
        | NounKind::Group
        | NounKind::Authorization
        | NounKind::Permission
        | NounKind::Admin => Ok(noun),
    }
}
