-- store.ledger.cursor.renew
-- $1 partition, $2 owner_epoch, $3 lease in seconds.
UPDATE ledger_cursor
SET lease_until = clock_timestamp() + $3::double precision * interval '1 second'
WHERE partition = $1 AND owner_epoch = $2
