    UNION ALL
    SELECT
        $11, NULL, a.kind, a.user_id, a.group_id, a.group_key, a.resource_id, a.permissions,
        coalesce(
            (
                SELECT CASE WHEN s.to_seq IS NULL OR s.to_seq > $13 THEN s.revoke_mode END
                FROM camunda_settings_history AS s
                WHERE s.tenant = $1 AND s.from_seq <= $13
                ORDER BY s.from_seq DESC
                LIMIT 1
            ),
            'auto'
        ),
        -- Whether they have a revoke matters where a row could revoke.
        CASE
            WHEN a.kind <> 1 AND a.permissions & w.bits <> w.bits THEN EXISTS (
                SELECT 1
                FROM (SELECT w.subject AS id UNION ALL SELECT '*' WHERE w.subject <> '*') AS v
                CROSS JOIN LATERAL (
                    WITH RECURSIVE walk (place) AS (
                        SELECT ''::text COLLATE "C"
                        UNION ALL
                        SELECT n.place
                        FROM walk AS s
                        CROSS JOIN LATERAL (
                            SELECT coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) AS place
                            FROM authorizations_history AS t
                            WHERE
                                t.tenant = $1 AND t.user_id = v.id AND t.kind = 2
                                AND coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) > s.place
                            ORDER BY coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text)
                            LIMIT 1
                        ) AS n
                    )
                    SELECT 1
                    FROM walk AS s
                    CROSS JOIN LATERAL (
                        SELECT x.to_seq
                        FROM (
                            SELECT t.to_seq
                            FROM authorizations_history AS t
                            WHERE
                                t.tenant = $1 AND t.user_id = v.id AND t.kind = 2
                                AND coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) = s.place
                                AND t.from_seq <= $13
                            ORDER BY t.from_seq DESC
                            LIMIT 1
                        ) AS x
                        WHERE x.to_seq IS NULL OR x.to_seq > $13
                    ) AS l
                    LIMIT 1
                ) AS r
            ) OR EXISTS (
                SELECT 1
                FROM (
                    SELECT x.key
                    FROM (
                        SELECT t.key, t.to_seq
                        FROM users_history AS t
                        WHERE
                            t.tenant = $1 AND t.id = w.subject AND t.realm = $11
                            AND t.from_seq <= $13
                        ORDER BY t.from_seq DESC
                        LIMIT 1
                    ) AS x
                    WHERE x.to_seq IS NULL OR x.to_seq > $13
                ) AS u
                CROSS JOIN LATERAL (
                    WITH RECURSIVE walk (group_key) AS (
                        SELECT -1::bigint
                        UNION ALL
                        SELECT n.group_key
                        FROM walk AS s
                        CROSS JOIN LATERAL (
                            SELECT t.group_key
                            FROM group_members_history AS t
                            WHERE
                                t.tenant = $1 AND t.user_key <= u.key
                                AND (t.user_key, t.group_key) > (u.key, s.group_key)
                            ORDER BY t.user_key, t.group_key
                            LIMIT 1
                        ) AS n
                    )
                    SELECT s.group_key FROM walk AS s WHERE s.group_key >= 0
                ) AS k
                CROSS JOIN LATERAL (
                    SELECT x.from_seq
                    FROM (
                        SELECT t.from_seq, t.to_seq
                        FROM group_members_history AS t
                        WHERE
                            t.tenant = $1 AND t.user_key = u.key AND t.group_key = k.group_key
                            AND t.from_seq <= $13
                        ORDER BY t.from_seq DESC
                        LIMIT 1
                    ) AS x
                    WHERE x.to_seq IS NULL OR x.to_seq > $13
                ) AS m
                CROSS JOIN LATERAL (
                    SELECT x.id
                    FROM (
                        SELECT t.id, t.to_seq
                        FROM groups_history AS t
                        WHERE
                            t.tenant = $1 AND t.key = k.group_key
                            AND t.from_seq <= $13
                        ORDER BY t.from_seq DESC
                        LIMIT 1
                    ) AS x
                    WHERE x.to_seq IS NULL OR x.to_seq > $13
                ) AS g
                CROSS JOIN LATERAL (
                    WITH RECURSIVE walk (place) AS (
                        SELECT ''::text COLLATE "C"
                        UNION ALL
                        SELECT n.place
                        FROM walk AS s
                        CROSS JOIN LATERAL (
                            SELECT coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) AS place
                            FROM authorizations_history AS t
                            WHERE
                                t.tenant = $1 AND t.group_id = g.id AND t.kind = 2
                                AND coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) > s.place
                            ORDER BY coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text)
                            LIMIT 1
                        ) AS n
                    )
                    SELECT 1
                    FROM walk AS s
                    CROSS JOIN LATERAL (
                        SELECT x.to_seq
                        FROM (
                            SELECT t.to_seq
                            FROM authorizations_history AS t
                            WHERE
                                t.tenant = $1 AND t.group_id = g.id AND t.kind = 2
                                AND coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text) = s.place
                                AND t.from_seq <= $13
                            ORDER BY t.from_seq DESC
                            LIMIT 1
                        ) AS x
                        WHERE x.to_seq IS NULL OR x.to_seq > $13
                    ) AS l
                    LIMIT 1
                ) AS r
            )
            ELSE false
        END,
        greatest(a.opened_seq, w.linked_seq)
    FROM (
        SELECT
            a.kind, a.user_id, a.group_id, a.resource_id, a.permissions,
            a.from_seq AS opened_seq, 0::bigint AS group_key
        FROM (
            SELECT w.subject AS id, 1::smallint AS kind
            UNION ALL
            SELECT w.subject, 2
            UNION ALL
            SELECT '*', 0
        ) AS c
        CROSS JOIN (SELECT w.resource_id AS id UNION ALL SELECT '*' WHERE w.resource_id <> '*') AS i
        CROSS JOIN LATERAL (
            SELECT x.kind, x.user_id, x.group_id, x.resource_id, x.permissions, x.from_seq
            FROM (
                SELECT t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.from_seq, t.to_seq
                FROM authorizations_history AS t
                WHERE
                    t.tenant = $1 AND t.user_id = c.id AND t.resource_type = w.resource_type
                    AND t.resource_id = i.id AND t.kind = c.kind
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS a
        UNION ALL
        SELECT
            a.kind, a.user_id, a.group_id, a.resource_id, a.permissions,
            greatest(a.from_seq, m.from_seq), k.group_key
        FROM (
            SELECT x.key
            FROM (
                SELECT t.key, t.to_seq
                FROM users_history AS t
                WHERE
                    t.tenant = $1 AND t.id = w.subject AND t.realm = $11
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS u
        CROSS JOIN LATERAL (
            WITH RECURSIVE walk (group_key) AS (
                SELECT -1::bigint
                UNION ALL
                SELECT n.group_key
                FROM walk AS s
                CROSS JOIN LATERAL (
                    SELECT t.group_key
                    FROM group_members_history AS t
                    WHERE
                        t.tenant = $1 AND t.user_key <= u.key
                        AND (t.user_key, t.group_key) > (u.key, s.group_key)
                    ORDER BY t.user_key, t.group_key
                    LIMIT 1
                ) AS n
            )
            SELECT s.group_key FROM walk AS s WHERE s.group_key >= 0
        ) AS k
        CROSS JOIN LATERAL (
            SELECT x.from_seq
            FROM (
                SELECT t.from_seq, t.to_seq
                FROM group_members_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key = u.key AND t.group_key = k.group_key
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS m
        CROSS JOIN LATERAL (
            SELECT x.id
            FROM (
                SELECT t.id, t.to_seq
                FROM groups_history AS t
                WHERE
                    t.tenant = $1 AND t.key = k.group_key
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS g
        CROSS JOIN (SELECT 1::smallint AS kind UNION ALL SELECT 2) AS c
        CROSS JOIN (SELECT w.resource_id AS id UNION ALL SELECT '*' WHERE w.resource_id <> '*') AS i
        CROSS JOIN LATERAL (
            SELECT x.kind, x.user_id, x.group_id, x.resource_id, x.permissions, x.from_seq
            FROM (
                SELECT t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.from_seq, t.to_seq
                FROM authorizations_history AS t
                WHERE
                    t.tenant = $1 AND t.group_id = g.id AND t.resource_type = w.resource_type
                    AND t.resource_id = i.id AND t.kind = c.kind
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS a
    ) AS a
    WHERE
        w.bits IS NOT NULL
        AND (
            w.in_realm = $11
            OR (w.in_realm IS NULL AND (w.known & w.answering) >> $11 & 1 = 1)
        )
