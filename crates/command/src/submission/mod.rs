//! What becomes of a submission, without I/O: the service drives this, and so does whoever puts
//! submissions through faults.
//!
//! | part | says |
//! | --- | --- |
//! | [`Machine`] | when the record is appended, how long its entry is awaited, what is answered |
//! | [`Waiting`] | who in a process waits for which command |
//! | [`resolve`], [`replayed`] | what an entry says of its command |
//! | [`Inquiry`] | how a command stands |
//! | [`not_after`], [`LogTime`] | the deadline, in the log's time |
//! | [`Halts`] | where nothing is appended |
//!
//! **Correctness.** Once an append may have happened there is no way back: the same bytes are
//! appended again until the log says yes or the entry is there. The command id makes that safe,
//! since the second record is decided as a duplicate of the first. What is still unknown at the
//! deadline is told as unknown.

mod answer;
mod inquiry;
mod machine;
#[cfg(test)]
mod tests;
mod waiting;

use core::time::Duration;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use writ_domain::Submission;
use writ_envelope::limits::RECORD_BYTES_MAX;

pub use self::answer::{Decided, Resolved, replayed, resolve};
pub use self::inquiry::{Asks, Heard, Inquiry, Standing};
pub use self::machine::{Action, Input, Machine, PAUSE_MAX, PAUSE_MIN};
pub use self::waiting::{Full, Waiting};
use crate::SubmitError;
pub use crate::halts::Halts;
pub use crate::log_time::LogTime;

/// The value of a submission's record: what every try appends, byte for byte.
pub fn encode(submission: &Submission) -> Result<Vec<u8>, SubmitError> {
    writ_envelope::limits::check(&submission.stamp)
        .map_err(|source| SubmitError::BadStamp { source })?;
    let value = writ_envelope::encode(submission);
    if value.len() > RECORD_BYTES_MAX {
        return Err(SubmitError::TooLarge {
            limit_bytes: RECORD_BYTES_MAX,
        });
    }
    Ok(value)
}

/// The time of the log past which a command that is submitted now has no effect.
#[must_use]
pub fn not_after(now: DateTime<Utc>, deadline: Duration) -> DateTime<Utc> {
    let deadline = TimeDelta::from_std(deadline).unwrap_or(TimeDelta::MAX);
    let time = now
        .checked_add_signed(deadline)
        .unwrap_or(DateTime::<Utc>::MAX_UTC);
    // Finer than the log's time is nothing, and would not read back.
    time.trunc_subsecs(6)
}
