-- store.ledger.load.count_user_roles
SELECT k.ord, c.counted
FROM unnest($1::text[], $2::smallint[], $3::text[])
    WITH ORDINALITY AS k (tenant, realm, id, ord)
CROSS JOIN LATERAL (
    SELECT count(*) AS counted
    FROM users AS holder
    CROSS JOIN LATERAL (
        SELECT e.role_key
        FROM user_roles AS e
        WHERE e.tenant = k.tenant AND e.user_key = holder.key
        OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT 1 AS lives
        FROM roles AS r
        WHERE r.tenant = k.tenant AND r.key = e.role_key
        OFFSET 0
    ) AS r
    WHERE holder.tenant = k.tenant AND holder.realm = k.realm AND holder.id = k.id
) AS c
