//! What the way of commands counts.

/// Commands that a request of this process waits for.
pub(crate) const IN_FLIGHT: &str = "writ_command_in_flight";
/// Seconds from the append to the outcome, by how it ended.
pub(crate) const SUBMIT_SECONDS: &str = "writ_command_submit_seconds";
/// Denials that were counted instead of recorded by themselves.
pub(crate) const DENIALS_COUNTED: &str = "writ_command_denials_counted_total";

/// Describes the metrics to the recorder.
pub fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_gauge!(
        IN_FLIGHT,
        Unit::Count,
        "commands whose outcome is waited for"
    );
    describe_histogram!(
        SUBMIT_SECONDS,
        Unit::Seconds,
        "time from a submission to its outcome, by how it ended"
    );
    describe_counter!(
        DENIALS_COUNTED,
        Unit::Count,
        "denials beyond the rate of a caller, recorded together"
    );
}
