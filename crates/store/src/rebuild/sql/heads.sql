-- store.rebuild.heads
SELECT partition, seq
FROM ledger_cursor
ORDER BY partition
