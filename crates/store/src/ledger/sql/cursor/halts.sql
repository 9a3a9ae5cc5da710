-- store.ledger.cursor.halts
SELECT partition, halted
FROM ledger_cursor
WHERE halted IS NOT NULL
