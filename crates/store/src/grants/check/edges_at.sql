    SELECT
        k.realm, v.role_id, NULL::smallint AS kind, NULL::text AS user_id,
        NULL::text AS group_id, NULL::bigint AS group_key, NULL::text AS resource_id,
        NULL::integer AS permissions, NULL::text AS revoke_mode, NULL::boolean AS has_revoke,
        greatest(coalesce(d.opened_seq, v.opened_seq), w.linked_seq) AS opened_seq
    FROM (
        SELECT k.realm
        FROM unnest($12::smallint[]) AS k (realm)
        WHERE
            k.realm <> $11::smallint
            AND (
                k.realm = w.in_realm
                OR (w.in_realm IS NULL AND (w.known & w.answering) >> k.realm & 1 = 1)
            )
    ) AS k
    CROSS JOIN LATERAL (
        SELECT x.key
        FROM (
            SELECT t.key, t.to_seq
            FROM users_history AS t
            WHERE
                t.tenant = $1 AND t.id = w.subject AND t.realm = k.realm
                AND t.from_seq <= $13
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $13
    ) AS u
    CROSS JOIN LATERAL (
        SELECT x.key
        FROM (
            SELECT t.key, t.to_seq
            FROM namespaces_history AS t
            WHERE
                t.tenant = $1 AND t.identifier = w.resource AND t.realm = k.realm
                AND t.from_seq <= $13
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $13
    ) AS n
    CROSS JOIN LATERAL (
        SELECT x.key
        FROM (
            SELECT t.key, t.to_seq
            FROM permissions_history AS t
            WHERE
                t.tenant = $1 AND t.namespace_key = n.key AND t.name = w.permission
                AND t.from_seq <= $13
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $13
    ) AS p
    LEFT JOIN LATERAL (
        SELECT x.from_seq AS opened_seq
        FROM (
            SELECT t.from_seq, t.to_seq
            FROM user_permissions_history AS t
            WHERE
                t.tenant = $1 AND t.user_key = u.key AND t.permission_key = p.key
                AND t.from_seq <= $13
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $13
    ) AS d ON true
    LEFT JOIN LATERAL (
        WITH RECURSIVE walk (role_key, other_key) AS (
            SELECT -1::bigint, -1::bigint
            UNION ALL
            SELECT a.role_key, e.role_key
            FROM walk AS w
            CROSS JOIN LATERAL (
                SELECT t.role_key
                FROM user_roles_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key <= u.key
                    AND (t.user_key, t.role_key) > (
                        u.key,
                        CASE WHEN w.role_key = w.other_key THEN w.role_key ELSE w.other_key - 1 END
                    )
                ORDER BY t.user_key, t.role_key
                LIMIT 1
            ) AS a
            CROSS JOIN LATERAL (
                SELECT t.role_key
                FROM role_permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.permission_key <= p.key
                    AND (t.permission_key, t.role_key) >= (p.key, a.role_key)
                ORDER BY t.permission_key, t.role_key
                LIMIT 1
            ) AS e
        )
        SELECT r.id AS role_id, greatest(a.from_seq, e.from_seq) AS opened_seq
        FROM walk AS w
        CROSS JOIN LATERAL (
            SELECT x.from_seq
            FROM (
                SELECT t.from_seq, t.to_seq
                FROM user_roles_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key = u.key AND t.role_key = w.role_key
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS a
        CROSS JOIN LATERAL (
            SELECT x.from_seq
            FROM (
                SELECT t.from_seq, t.to_seq
                FROM role_permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.role_key = w.role_key AND t.permission_key = p.key
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS e
        CROSS JOIN LATERAL (
            SELECT x.id
            FROM (
                SELECT t.id, t.to_seq
                FROM roles_history AS t
                WHERE t.tenant = $1 AND t.key = w.role_key AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS r
        WHERE d.opened_seq IS NULL AND w.role_key = w.other_key
        ORDER BY w.role_key
        LIMIT 1
    ) AS v ON true
    WHERE d.opened_seq IS NOT NULL OR v.opened_seq IS NOT NULL
