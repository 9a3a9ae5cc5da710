-- store.entries.effects.count
-- How many edges ended with the users $3, the roles $4, the permissions $5 and the groups $7, at most
-- $6 a kind. An edge that lost both its ends is counted once: with its user, else with its role or
-- group.
-- SUBTLE: the nouns' keys are ranges, as where the edges are read.
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($3::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.permission_key AS other_key
        FROM user_permissions_history AS h
        WHERE
            h.tenant = $1 AND h.user_key <= k.key AND h.user_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        ORDER BY h.user_key, h.permission_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT n.namespace_key
        FROM (
            SELECT t.namespace_key, t.to_seq
            FROM permissions_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS p
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM namespaces_history AS t
            WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS a
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($3::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.role_key AS other_key
        FROM user_roles_history AS h
        WHERE
            h.tenant = $1 AND h.user_key <= k.key AND h.user_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        ORDER BY h.user_key, h.role_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($4::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.permission_key AS other_key
        FROM role_permissions_history AS h
        WHERE
            h.tenant = $1 AND h.role_key <= k.key AND h.role_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        ORDER BY h.role_key, h.permission_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT n.namespace_key
        FROM (
            SELECT t.namespace_key, t.to_seq
            FROM permissions_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS p
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM namespaces_history AS t
            WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS a
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($4::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.user_key AS other_key
        FROM user_roles_history AS h
        WHERE
            h.tenant = $1 AND h.role_key <= k.key AND h.role_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
            AND h.user_key <> ALL($3::bigint[])
        ORDER BY h.role_key, h.user_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($5::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.role_key AS other_key
        FROM role_permissions_history AS h
        WHERE
            h.tenant = $1 AND h.permission_key <= k.key AND h.permission_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
            AND h.role_key <> ALL($4::bigint[])
        ORDER BY h.permission_key, h.role_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($5::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.user_key AS other_key
        FROM user_permissions_history AS h
        WHERE
            h.tenant = $1 AND h.permission_key <= k.key AND h.permission_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
            AND h.user_key <> ALL($3::bigint[])
        ORDER BY h.permission_key, h.user_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($3::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.group_key AS other_key
        FROM group_members_history AS h
        WHERE
            h.tenant = $1 AND h.user_key <= k.key AND h.user_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
        ORDER BY h.user_key, h.group_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM groups_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c
UNION ALL
SELECT count(*) AS effects
FROM (
    SELECT 1
    FROM unnest($7::bigint[]) AS k (key)
    CROSS JOIN LATERAL (
        SELECT h.user_key AS other_key
        FROM group_members_history AS h
        WHERE
            h.tenant = $1 AND h.group_key <= k.key AND h.group_key >= k.key
            AND h.from_seq < $2 AND (h.to_seq IS NULL OR h.to_seq >= $2)
            AND h.user_key <> ALL($3::bigint[])
        ORDER BY h.group_key, h.user_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT 1
        FROM (
            SELECT t.to_seq
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.key = h.other_key AND t.from_seq < $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS n
        WHERE n.to_seq IS NULL OR n.to_seq >= $2
    ) AS o
    LIMIT $6::bigint
) AS c;
