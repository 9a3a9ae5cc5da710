-- store.rebuild.lock_cursors
SELECT
    partition, seq, owner,
    owner IS NOT NULL AND lease_until > clock_timestamp() AS owned
FROM ledger_cursor
ORDER BY partition
FOR UPDATE
