-- store.ledger.cursor.claim
-- $1 partition, $2 owner, $3 lease in seconds.
UPDATE ledger_cursor
SET
    owner = $2,
    owner_epoch = owner_epoch + 1,
    lease_until = clock_timestamp() + $3::double precision * interval '1 second'
WHERE partition = $1
    AND (owner IS NULL OR owner = $2 OR lease_until < clock_timestamp())
RETURNING owner_epoch, next_offset, seq, chain, log_time, anchor, rules_version, restoring
