-- store.ledger.cursor.lock
SELECT seq
FROM ledger_cursor
WHERE partition = $1 AND owner_epoch = $2 AND next_offset = $3
FOR UPDATE
