-- store.entries.effects.role_permissions_of_role
-- Live before $2 and ended by it. The LATERALs find the newest version of a noun in one step,
-- however many it has had.
-- SUBTLE: the noun's key is a range, not an equality, so that only the index that begins with it
-- has the order: planned over an empty table, any index costs the same.
SELECT
    k.key AS noun_key,
    x.other_key,
    x.from_seq,
    x.realm,
    x.user_id,
    x.role_id,
    x.api,
    x.permission
FROM unnest($3::bigint[]) WITH ORDINALITY AS k (key, n)
CROSS JOIN LATERAL (
    SELECT
        h.permission_key AS other_key,
        h.from_seq,
        r.realm,
        NULL::text AS user_id,
        r.id AS role_id,
        a.identifier AS api,
        p.name AS permission
    FROM role_permissions_history AS h
    CROSS JOIN LATERAL (
        SELECT n.realm, n.id
        FROM (
            SELECT t.realm, t.id, t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.key = h.role_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS r
    CROSS JOIN LATERAL (
        SELECT n.name, n.namespace_key
        FROM (
            SELECT t.name, t.namespace_key, t.to_seq
            FROM permissions_history AS t
            WHERE t.tenant = $1 AND t.key = h.permission_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS p
    CROSS JOIN LATERAL (
        SELECT n.identifier
        FROM (
            SELECT t.identifier, t.to_seq
            FROM namespaces_history AS t
            WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS a
    WHERE
        h.tenant = $1 AND h.role_key <= k.key
        AND (h.role_key, h.permission_key) > (k.key, CASE WHEN k.n = 1 THEN $4::bigint ELSE -1 END)
        AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        AND h.permission_key <> ALL($5::bigint[])
    ORDER BY h.role_key, h.permission_key
    LIMIT $6::bigint
) AS x
ORDER BY k.n, x.other_key
LIMIT $6::bigint;
