-- store.rebuild.finish_cursor
WITH written AS (
    UPDATE ledger_cursor
    SET
        next_offset = $2,
        seq = $3,
        chain = $4,
        log_time = $5,
        anchor = $6,
        restoring = $7,
        rules_version = $8,
        halted = NULL,
        owner = NULL,
        lease_until = 'epoch'
    WHERE partition = $1 AND owner = 'writ rebuild' AND seq = 0 AND next_offset = 0
    RETURNING 1
)
SELECT assert_rows(count(*), 1, 'rebuild.finish_cursor')
FROM written
