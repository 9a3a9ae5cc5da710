-- store.ledger.cursor.halted
-- $1 partition.
SELECT halted
FROM ledger_cursor
WHERE partition = $1
