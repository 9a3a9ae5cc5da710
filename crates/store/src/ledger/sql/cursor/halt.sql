-- store.ledger.cursor.halt
-- $1 partition, $2 owner_epoch, $3 why. Gives the lease back as well.
UPDATE ledger_cursor
SET halted = $3, owner = NULL, lease_until = 'epoch'
WHERE partition = $1 AND owner_epoch = $2
