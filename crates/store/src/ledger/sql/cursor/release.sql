-- store.ledger.cursor.release
UPDATE ledger_cursor
SET owner = NULL, lease_until = 'epoch'
WHERE partition = $1 AND owner_epoch = $2
