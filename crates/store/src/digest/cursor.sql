-- store.digest.cursor
SELECT next_offset, seq, chain
FROM ledger_cursor
WHERE partition = $1
