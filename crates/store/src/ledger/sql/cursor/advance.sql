-- store.ledger.cursor.advance
-- $1 partition, $2 owner_epoch, $3 next_offset as locked; the rest is what it moves to.
WITH written AS (
    UPDATE ledger_cursor
    SET
        next_offset = $4,
        seq = $5,
        chain = $6,
        log_time = $7,
        anchor = $8,
        restoring = $10,
        halted = NULL,
        lease_until = clock_timestamp() + $9::double precision * interval '1 second'
    WHERE partition = $1 AND owner_epoch = $2 AND next_offset = $3
    RETURNING 1
)
SELECT
    assert_rows(count(*), 1, 'cursor.advance'),
    pg_notify('writ_entries', $1::text)
FROM written
