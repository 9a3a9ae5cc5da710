        UNION ALL
        SELECT
            $11, NULL, a.kind, a.user_id, a.group_id, a.group_key, a.resource_id, a.permissions,
            coalesce((SELECT s.revoke_mode FROM camunda_settings AS s WHERE s.tenant = $1), 'auto'),
            -- Whether they have a revoke matters where a row could revoke.
            CASE
                WHEN a.kind <> 1 AND a.permissions & w.bits <> w.bits THEN EXISTS (
                    SELECT 1
                    FROM (SELECT w.subject AS id UNION ALL SELECT '*' WHERE w.subject <> '*') AS v
                    CROSS JOIN LATERAL (
                        SELECT 1
                        FROM authorizations AS t
                        WHERE
                            t.tenant = $1 AND t.user_id >= v.id AND t.user_id <= v.id
                            AND t.kind = 2
                        ORDER BY t.user_id, t.key
                        LIMIT 1
                    ) AS r
                ) OR EXISTS (
                    SELECT 1
                    FROM (
                        SELECT t.key
                        FROM users AS t
                        WHERE t.tenant = $1 AND t.id = w.subject AND t.realm = $11
                        OFFSET 0
                    ) AS u
                    CROSS JOIN LATERAL (
                        SELECT t.group_key, t.changed_seq
                        FROM group_members AS t
                        WHERE t.tenant = $1 AND t.user_key >= u.key AND t.user_key <= u.key
                        ORDER BY t.user_key, t.group_key
                        OFFSET 0
                    ) AS m
                    CROSS JOIN LATERAL (
                        SELECT t.id
                        FROM groups AS t
                        WHERE t.tenant = $1 AND t.key >= m.group_key AND t.key <= m.group_key
                        ORDER BY t.key
                        LIMIT 1
                    ) AS g
                    CROSS JOIN LATERAL (
                        SELECT 1
                        FROM authorizations AS t
                        WHERE
                            t.tenant = $1 AND t.group_id >= g.id AND t.group_id <= g.id
                            AND t.kind = 2
                        ORDER BY t.group_id, t.key
                        LIMIT 1
                    ) AS r
                )
                ELSE false
            END,
            greatest(a.opened_seq, w.linked_seq)
        FROM (
            SELECT
                a.kind, a.user_id, a.group_id, a.resource_id, a.permissions,
                a.changed_seq AS opened_seq, 0::bigint AS group_key
            FROM (SELECT w.subject AS id UNION ALL SELECT '*' WHERE w.subject <> '*') AS v
            CROSS JOIN (SELECT w.resource_id AS id UNION ALL SELECT '*' WHERE w.resource_id <> '*') AS i
            CROSS JOIN LATERAL (
                SELECT t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.changed_seq
                FROM authorizations AS t
                WHERE
                    t.tenant = $1 AND t.user_id <= v.id
                    AND (t.user_id, t.resource_type, t.resource_id)
                    >= (v.id, w.resource_type, i.id)
                    AND (t.user_id, t.resource_type, t.resource_id)
                    <= (v.id, w.resource_type, i.id)
                ORDER BY t.user_id, t.resource_type, t.resource_id
                OFFSET 0
            ) AS a
            UNION ALL
            SELECT
                a.kind, a.user_id, a.group_id, a.resource_id, a.permissions,
                greatest(a.changed_seq, m.changed_seq), m.group_key
            FROM (
                SELECT t.key
                FROM users AS t
                WHERE t.tenant = $1 AND t.id = w.subject AND t.realm = $11
                OFFSET 0
            ) AS u
            CROSS JOIN LATERAL (
                SELECT t.group_key, t.changed_seq
                FROM group_members AS t
                WHERE t.tenant = $1 AND t.user_key >= u.key AND t.user_key <= u.key
                ORDER BY t.user_key, t.group_key
                OFFSET 0
            ) AS m
            CROSS JOIN LATERAL (
                SELECT t.id
                FROM groups AS t
                WHERE t.tenant = $1 AND t.key >= m.group_key AND t.key <= m.group_key
                ORDER BY t.key
                LIMIT 1
            ) AS g
            CROSS JOIN (SELECT w.resource_id AS id UNION ALL SELECT '*' WHERE w.resource_id <> '*') AS i
            CROSS JOIN LATERAL (
                SELECT t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.changed_seq
                FROM authorizations AS t
                WHERE
                    t.tenant = $1 AND t.group_id <= g.id
                    AND (t.group_id, t.resource_type, t.resource_id)
                    >= (g.id, w.resource_type, i.id)
                    AND (t.group_id, t.resource_type, t.resource_id)
                    <= (g.id, w.resource_type, i.id)
                ORDER BY t.group_id, t.resource_type, t.resource_id
                OFFSET 0
            ) AS a
        ) AS a
        WHERE
            w.bits IS NOT NULL
            AND (
                w.in_realm = $11
                OR (w.in_realm IS NULL AND (w.known & w.answering) >> $11 & 1 = 1)
            )
