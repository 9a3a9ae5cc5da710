-- store.ledger.cursor.rebase
-- $1 partition, $2 owner_epoch, $3 next_offset as claimed; $4 the anchor in the restored log.
WITH written AS (
    UPDATE ledger_cursor
    SET anchor = $4, restoring = true, halted = NULL
    WHERE partition = $1 AND owner_epoch = $2 AND next_offset = $3
    RETURNING 1
)
SELECT assert_rows(count(*), 1, 'cursor.rebase')
FROM written
