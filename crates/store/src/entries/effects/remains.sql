-- store.entries.effects.remains
-- Which of these users still hold these permissions at $2 by a role.
SELECT k.n - 1 AS index
FROM unnest($3::bigint[], $4::bigint[]) WITH ORDINALITY AS k (user_key, permission_key, n)
WHERE EXISTS (
    SELECT 1
    FROM (
        -- SUBTLE: a range, not an equality, as where the edges are read.
        SELECT t.role_key
        FROM user_roles_history AS t
        WHERE
            t.tenant = $1 AND t.user_key <= k.user_key AND t.user_key >= k.user_key
            AND t.from_seq <= $2 AND (t.to_seq IS NULL OR t.to_seq > $2)
        ORDER BY t.user_key, t.role_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM role_permissions_history AS t
        WHERE
            t.tenant = $1 AND t.role_key = h.role_key AND t.permission_key = k.permission_key
            AND t.from_seq <= $2 AND (t.to_seq IS NULL OR t.to_seq > $2)
        OFFSET 0
    ) AS p
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.key = h.role_key AND t.from_seq <= $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq > $2
    ) AS r
);
