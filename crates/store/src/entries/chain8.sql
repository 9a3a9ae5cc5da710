-- store.entries.chain8
SELECT substr(e.chain, 1, 8) AS chain8
FROM entry_position AS p
CROSS JOIN LATERAL (
    SELECT l.chain
    FROM ledger_entry AS l
    WHERE l.partition = p.partition AND l.seq = p.seq
    OFFSET 0
) AS e
WHERE p.tenant = $1 AND p.tenant_seq = $2;
