-- store.entries.history.acted
-- Which of the entries $3 are of an actor of subject $2.
SELECT c.tenant_seq
FROM unnest($3::bigint[]) AS c (tenant_seq)
CROSS JOIN LATERAL (
    SELECT t.partition, t.seq
    FROM entry_position AS t
    WHERE t.tenant = $1 AND t.tenant_seq = c.tenant_seq
    OFFSET 0
) AS p
CROSS JOIN LATERAL (
    SELECT t.subject
    FROM ledger_entry AS t
    WHERE t.partition = p.partition AND t.seq = p.seq
    OFFSET 0
) AS e
WHERE e.subject = $2;
