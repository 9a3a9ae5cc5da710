-- store.entries.effects.user_roles_of_role
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
        h.user_key AS other_key,
        h.from_seq,
        u.realm,
        u.id AS user_id,
        r.id AS role_id,
        NULL::text AS api,
        NULL::text AS permission
    FROM user_roles_history AS h
    CROSS JOIN LATERAL (
        SELECT n.realm, n.id
        FROM (
            SELECT t.realm, t.id, t.to_seq
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.key = h.user_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS u
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
    WHERE
        h.tenant = $1 AND h.role_key <= k.key
        AND (h.role_key, h.user_key) > (k.key, CASE WHEN k.n = 1 THEN $4::bigint ELSE -1 END)
        AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        AND h.user_key <> ALL($5::bigint[])
    ORDER BY h.role_key, h.user_key
    LIMIT $6::bigint
) AS x
ORDER BY k.n, x.other_key
LIMIT $6::bigint;
