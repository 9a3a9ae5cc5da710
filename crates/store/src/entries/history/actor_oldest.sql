-- store.entries.history.actor_oldest
SELECT t.tenant_seq
FROM ledger_entry AS t
WHERE
    t.tenant = $1 AND t.subject = $2
    AND t.tenant_seq >= $3::bigint AND t.tenant_seq <= $4::bigint
ORDER BY t.tenant_seq ASC
LIMIT $5::bigint;
