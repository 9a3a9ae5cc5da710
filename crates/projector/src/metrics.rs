//! What the projector counts.

/// Entries decided, by partition and outcome.
pub(crate) const DECIDED: &str = "writ_projector_entries_total";
/// Records per transaction.
pub(crate) const BATCH_RECORDS: &str = "writ_projector_batch_records";
/// Seconds per transaction, from `BEGIN` to the answer of `COMMIT`.
pub(crate) const TRANSACTION_SECONDS: &str = "writ_projector_transaction_seconds";
/// The last seq decided, by partition.
pub(crate) const SEQ: &str = "writ_projector_seq";
/// 1 while a partition is halted.
pub(crate) const HALTED: &str = "writ_projector_halted";
/// Rows swept away.
pub(crate) const SWEPT: &str = "writ_projector_swept_rows_total";

/// Entries told on the topic of changes, repeats included.
pub(crate) const RELAYED: &str = "writ_relay_entries_total";
/// Entries decided and not yet told, by partition.
pub(crate) const RELAY_LAG: &str = "writ_relay_lag_entries";

/// Describes the metrics to the recorder.
pub fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!(
        DECIDED,
        Unit::Count,
        "entries decided, by partition and outcome"
    );
    describe_histogram!(BATCH_RECORDS, Unit::Count, "records per transaction");
    describe_histogram!(TRANSACTION_SECONDS, Unit::Seconds, "time of a transaction");
    describe_gauge!(SEQ, Unit::Count, "the last seq decided, by partition");
    describe_gauge!(HALTED, Unit::Count, "1 while a partition is halted");
    describe_counter!(
        RELAYED,
        Unit::Count,
        "entries told on the topic of changes, repeats included"
    );
    describe_gauge!(
        RELAY_LAG,
        Unit::Count,
        "entries decided and not yet told, by partition"
    );
    describe_counter!(SWEPT, Unit::Count, "dead rows deleted from current tables");
}
