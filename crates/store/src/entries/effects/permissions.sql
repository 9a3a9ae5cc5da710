-- store.entries.effects.permissions
-- The permissions that ended with the namespaces $3.
SELECT h.key
FROM unnest($3::bigint[]) AS k (namespace_key)
CROSS JOIN LATERAL (
    SELECT t.key
    FROM permissions_history AS t
    WHERE
        t.tenant = $1 AND t.namespace_key = k.namespace_key
        AND t.from_seq < $2 AND (t.to_seq IS NULL OR t.to_seq >= $2)
    OFFSET 0
) AS h
ORDER BY h.key;
