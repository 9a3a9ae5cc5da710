-- store.entries.decided
SELECT c.next_offset, c.anchor
FROM ledger_cursor AS c
WHERE c.partition = $1;
