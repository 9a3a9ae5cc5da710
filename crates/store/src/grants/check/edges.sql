        SELECT
            u.realm, v.role_id, NULL::smallint AS kind, NULL::text AS user_id,
            NULL::text AS group_id, NULL::bigint AS group_key, NULL::text AS resource_id,
            NULL::integer AS permissions, NULL::text AS revoke_mode, NULL::boolean AS has_revoke,
            greatest(coalesce(d.opened_seq, v.opened_seq), w.linked_seq) AS opened_seq
        FROM (
            SELECT t.key, t.realm
            FROM users AS t
            WHERE
                t.tenant = $1 AND t.id >= w.subject AND t.id <= w.subject
                AND t.realm <> $11::smallint
                AND (
                    t.realm = w.in_realm
                    OR (w.in_realm IS NULL AND (w.known & w.answering) >> t.realm & 1 = 1)
                )
            ORDER BY t.id
            OFFSET 0
        ) AS u
        CROSS JOIN LATERAL (
            SELECT t.key
            FROM namespaces AS t
            WHERE t.tenant = $1 AND t.identifier = w.resource AND t.realm = u.realm
            OFFSET 0
        ) AS n
        CROSS JOIN LATERAL (
            SELECT t.key
            FROM permissions AS t
            WHERE t.tenant = $1 AND t.namespace_key = n.key AND t.name = w.permission
            OFFSET 0
        ) AS p
        LEFT JOIN LATERAL (
            SELECT t.changed_seq AS opened_seq
            FROM user_permissions AS t
            WHERE t.tenant = $1 AND t.user_key = u.key AND t.permission_key = p.key
            OFFSET 0
        ) AS d ON true
        LEFT JOIN LATERAL (
            SELECT r.id AS role_id, greatest(a.changed_seq, e.changed_seq) AS opened_seq
            FROM (
                SELECT t.role_key, t.changed_seq
                FROM user_roles AS t
                WHERE t.tenant = $1 AND t.user_key >= u.key AND t.user_key <= u.key
                ORDER BY t.user_key, t.role_key
                OFFSET 0
            ) AS a
            CROSS JOIN LATERAL (
                SELECT t.changed_seq
                FROM role_permissions AS t
                WHERE t.tenant = $1 AND t.role_key = a.role_key AND t.permission_key = p.key
                OFFSET 0
            ) AS e
            CROSS JOIN LATERAL (
                SELECT t.id
                FROM roles AS t
                WHERE t.tenant = $1 AND t.key >= a.role_key AND t.key <= a.role_key
                ORDER BY t.key
                LIMIT 1
            ) AS r
            WHERE d.opened_seq IS NULL
            ORDER BY a.role_key
            LIMIT 1
        ) AS v ON true
        WHERE d.opened_seq IS NOT NULL OR v.opened_seq IS NOT NULL
