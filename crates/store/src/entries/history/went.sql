-- store.entries.history.went
-- Which of the entries $2 ended, with the API $3 of the same place, a permission of the name $4.
SELECT k.tenant_seq
FROM unnest($2::bigint[], $3::bigint[]) AS k (tenant_seq, namespace_key)
CROSS JOIN LATERAL (
    SELECT 1
    FROM permissions_history AS t
    WHERE
        t.tenant = $1 AND t.namespace_key = k.namespace_key AND t.name = $4
        AND t.from_seq < k.tenant_seq AND (t.to_seq IS NULL OR t.to_seq >= k.tenant_seq)
    LIMIT 1
) AS p;
