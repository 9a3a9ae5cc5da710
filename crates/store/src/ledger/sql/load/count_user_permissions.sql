-- store.ledger.load.count_user_permissions
SELECT k.ord, c.counted
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT count(*) AS counted
    FROM users AS holder
    CROSS JOIN LATERAL (
        SELECT e.permission_key
        FROM user_permissions AS e
        WHERE e.tenant = k.tenant AND e.user_key = holder.key
        OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT p.namespace_key
        FROM permissions AS p
        WHERE p.tenant = k.tenant AND p.key = e.permission_key
        OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (
        SELECT 1 AS lives
        FROM namespaces AS n
        WHERE n.tenant = k.tenant AND n.key = p.namespace_key
        OFFSET 0
    ) AS n
    WHERE holder.tenant = k.tenant AND holder.realm = k.realm AND holder.id = k.id
) AS c
