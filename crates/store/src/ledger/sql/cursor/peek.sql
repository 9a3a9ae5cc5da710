-- store.ledger.cursor.peek
-- $1 partition. Where it stands, whoever owns it.
SELECT
    owner_epoch, next_offset, seq, chain, log_time, anchor, rules_version, restoring
FROM ledger_cursor
WHERE partition = $1
