-- store.rebuild.equal
-- Raises unless the new views stand where the ledger does, in every partition.
SELECT assert_rows(count(*), 0, 'rebuild.equal')
FROM ledger_cursor AS l
FULL JOIN view_cursor AS v ON v.partition = l.partition
WHERE l.seq IS DISTINCT FROM v.seq
