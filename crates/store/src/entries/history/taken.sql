-- store.entries.history.taken
-- The entries from $5 to $6 that took something from the users and roles asked for, by ending what
-- they held: a permission, its API, a role, a group. No such entry names who held it. The first $8,
-- by number times $7.
-- SUBTLE: an edge's row stays open when its far end ends, so closed rows need no look there. Names and
-- keys of nouns are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over empty tables, any index costs the same.
SELECT x.ended AS tenant_seq
FROM (
    SELECT least(p.to_seq, a.to_seq) AS ended, n.to_seq AS gone
    FROM unnest($2::smallint[], $3::smallint[], $4::text[]) AS k (realm, kind, id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT borne.key
        FROM (
            SELECT t.key
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.id >= k.id AND t.id <= k.id AND t.realm = k.realm
            ORDER BY t.id
            OFFSET 0
        ) AS borne
    ) AS b
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.key = b.key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS n
    CROSS JOIN LATERAL (
        SELECT t.permission_key
        FROM user_permissions_history AS t
        WHERE t.tenant = $1 AND t.user_key <= b.key AND t.user_key >= b.key AND t.to_seq IS NULL
        ORDER BY t.user_key, t.permission_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT t.namespace_key, t.to_seq
        FROM permissions_history AS t
        WHERE t.tenant = $1 AND t.key = h.permission_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM namespaces_history AS t
        WHERE t.tenant = $1 AND t.key = p.namespace_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS a
    WHERE k.kind = 3
    UNION ALL
    SELECT f.to_seq AS ended, n.to_seq AS gone
    FROM unnest($2::smallint[], $3::smallint[], $4::text[]) AS k (realm, kind, id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT borne.key
        FROM (
            SELECT t.key
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.id >= k.id AND t.id <= k.id AND t.realm = k.realm
            ORDER BY t.id
            OFFSET 0
        ) AS borne
    ) AS b
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.key = b.key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS n
    CROSS JOIN LATERAL (
        SELECT t.role_key
        FROM user_roles_history AS t
        WHERE t.tenant = $1 AND t.user_key <= b.key AND t.user_key >= b.key AND t.to_seq IS NULL
        ORDER BY t.user_key, t.role_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM roles_history AS t
        WHERE t.tenant = $1 AND t.key = h.role_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS f
    WHERE k.kind = 3
    UNION ALL
    SELECT f.to_seq AS ended, n.to_seq AS gone
    FROM unnest($2::smallint[], $3::smallint[], $4::text[]) AS k (realm, kind, id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT borne.key
        FROM (
            SELECT t.key
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.id >= k.id AND t.id <= k.id AND t.realm = k.realm
            ORDER BY t.id
            OFFSET 0
        ) AS borne
    ) AS b
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.key = b.key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS n
    CROSS JOIN LATERAL (
        SELECT t.group_key
        FROM group_members_history AS t
        WHERE t.tenant = $1 AND t.user_key <= b.key AND t.user_key >= b.key AND t.to_seq IS NULL
        ORDER BY t.user_key, t.group_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM groups_history AS t
        WHERE t.tenant = $1 AND t.key = h.group_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS f
    WHERE k.kind = 3
    UNION ALL
    SELECT least(p.to_seq, a.to_seq) AS ended, n.to_seq AS gone
    FROM unnest($2::smallint[], $3::smallint[], $4::text[]) AS k (realm, kind, id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT borne.key
        FROM (
            SELECT t.key
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.id >= k.id AND t.id <= k.id AND t.realm = k.realm
            ORDER BY t.id
            OFFSET 0
        ) AS borne
    ) AS b
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM roles_history AS t
        WHERE t.tenant = $1 AND t.key = b.key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS n
    CROSS JOIN LATERAL (
        SELECT t.permission_key
        FROM role_permissions_history AS t
        WHERE t.tenant = $1 AND t.role_key <= b.key AND t.role_key >= b.key AND t.to_seq IS NULL
        ORDER BY t.role_key, t.permission_key
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT t.namespace_key, t.to_seq
        FROM permissions_history AS t
        WHERE t.tenant = $1 AND t.key = h.permission_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT t.to_seq
        FROM namespaces_history AS t
        WHERE t.tenant = $1 AND t.key = p.namespace_key
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS a
    WHERE k.kind = 2
) AS x
WHERE x.ended >= $5::bigint AND x.ended <= $6::bigint AND (x.gone IS NULL OR x.ended <= x.gone)
GROUP BY x.ended
ORDER BY x.ended * $7::bigint
LIMIT $8::bigint;
