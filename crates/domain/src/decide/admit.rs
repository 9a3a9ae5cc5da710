//! What comes before the rules: was it seen, is it too late, was it cancelled, is its key used?

use chrono::TimeDelta;

use super::{Settled, Stop};
use crate::state::{CommandState, Draft, Missing, State};
use crate::{CommandId, Fact, Outcome, Placement, Rejection, Submission, TenantSeq};

/// How long an idempotency key holds, in log time.
const KEY_LIFE: TimeDelta = TimeDelta::days(7);

/// The end of a submission that never reaches the rules; `None` for one that does.
pub(super) fn admit(
    state: &State,
    submission: &Submission,
    placement: &Placement,
) -> Result<Option<Settled>, Missing> {
    let draft = Draft::new(state, placement.tenant_seq);
    let stamp = &submission.stamp;
    // The record came to lie in the log twice: the first one decided.
    if let CommandState::Decided(of) = draft.command(stamp.command_id)? {
        return Ok(Some(refused(Outcome::Duplicate { of }, false)));
    }
    if stamp
        .not_after
        .is_some_and(|not_after| placement.time > not_after)
    {
        return Ok(Some(refused(Outcome::Expired, true)));
    }
    if let Some(by) = draft.cancelled(stamp.command_id)? {
        return Ok(Some(refused(
            Outcome::Rejected(Rejection::Cancelled { by }),
            true,
        )));
    }
    let Some(idempotency) = &stamp.idempotency else {
        return Ok(None);
    };
    let used = draft.idempotency_key(stamp.actor.caller(), &idempotency.key)?;
    let lives = |since: chrono::DateTime<chrono::Utc>| {
        since
            .checked_add_signed(KEY_LIFE)
            .is_none_or(|until| placement.time <= until)
    };
    let Some(used) = used.filter(|used| lives(used.time)) else {
        return Ok(None);
    };
    let outcome = if used.fingerprint == idempotency.fingerprint {
        Outcome::Duplicate { of: used.entry }
    } else {
        Outcome::Rejected(Rejection::IdempotencyKeyReused { of: used.entry })
    };
    Ok(Some(refused(outcome, true)))
}

/// None of these hold the key: the first use keeps it, and what never ran frees it.
fn refused(outcome: Outcome, remembers_command: bool) -> Settled {
    Settled {
        outcome,
        facts: Vec::new(),
        remembers_command,
        holds_key: false,
    }
}

/// Cancels a command that is not decided.
pub(super) fn cancel(draft: &mut Draft<'_>, command: CommandId) -> Result<(), Stop> {
    let decided: Option<TenantSeq> = match draft.command(command)? {
        CommandState::Decided(at) => Some(at),
        CommandState::Unseen => None,
    };
    if let Some(at) = decided {
        return Err(Rejection::AlreadyDecided { command, at }.into());
    }
    if draft.cancelled(command)?.is_none() {
        draft.emit(Fact::CommandCancelled { command })?;
    }
    Ok(())
}
