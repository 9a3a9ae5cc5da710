-- store.entries.effects.group_members_of_user
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
    x.group_id
FROM unnest($3::bigint[]) WITH ORDINALITY AS k (key, n)
CROSS JOIN LATERAL (
    SELECT
        h.group_key AS other_key,
        h.from_seq,
        u.realm,
        u.id AS user_id,
        g.id AS group_id
    FROM group_members_history AS h
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
            FROM groups_history AS t
            WHERE t.tenant = $1 AND t.key = h.group_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS g
    WHERE
        h.tenant = $1 AND h.user_key <= k.key
        AND (h.user_key, h.group_key) > (k.key, CASE WHEN k.n = 1 THEN $4::bigint ELSE -1 END)
        AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        AND h.group_key <> ALL($5::bigint[])
    ORDER BY h.user_key, h.group_key
    LIMIT $6::bigint
) AS x
ORDER BY k.n, x.other_key
LIMIT $6::bigint;
