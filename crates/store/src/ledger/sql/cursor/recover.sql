-- store.ledger.cursor.recover
-- $1 partition, $2 owner_epoch. Nothing is left to be decided of what it was halted at.
UPDATE ledger_cursor
SET halted = NULL
WHERE partition = $1 AND owner_epoch = $2 AND halted IS NOT NULL
