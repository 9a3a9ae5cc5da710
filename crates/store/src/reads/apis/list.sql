-- store.reads.apis.list
-- $1 tenant, $2 realm, $3 identifiers or null for all, $4 limit, $5 offset, $6 count them all?
-- Always at least one row: the total, beside nulls where the page is empty.
SELECT t.total, a.key, a.id, a.identifier, a.name, a.settings, a.system, a.declared,
    p.names, p.descriptions, NULL::bigint AS changed_seq
FROM (
    SELECT CASE WHEN $6::boolean THEN (
        SELECT count(*)
        FROM namespaces n
        WHERE n.tenant = $1 AND n.realm = $2
            AND ($3::text[] IS NULL OR n.identifier = ANY ($3))
    ) END AS total
) t
LEFT JOIN LATERAL (
    SELECT n.*
    FROM namespaces n
    WHERE n.tenant = $1 AND n.realm = $2
        AND ($3::text[] IS NULL OR n.identifier = ANY ($3))
    ORDER BY n.key
    LIMIT $4 OFFSET $5
) a ON true
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(p.name ORDER BY p.ordinal, p.key), '{}') AS names,
        coalesce(array_agg(p.description ORDER BY p.ordinal, p.key), '{}') AS descriptions
    FROM permissions p
    WHERE p.tenant = $1 AND p.namespace_key = a.key
) p
ORDER BY a.key
