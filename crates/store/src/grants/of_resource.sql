-- store.grants.of_resource
-- Who may do something with a resource: by the permission, then the role (0: none), then
-- the role itself before its users in the order of their assignment.
-- $3 subject, $4 role, $5 permission, $6 resource, null for any; $7 the row after which the page
-- begins; $8 rows that are looked for, $9 rows of the page
-- SUBTLE: keys are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH found AS MATERIALIZED (
    SELECT
        q.realm, x.user_id, x.role_id, q.name AS permission, $6::text AS resource, x.opened_seq,
        q.key AS k1, x.role_key AS k2, x.assigned_seq AS k3, x.user_key AS k4
    FROM (
        SELECT k.realm, p.key, p.name
        FROM unnest($2::smallint[]) AS k (realm)
        CROSS JOIN LATERAL (
            SELECT t.key
            FROM namespaces AS t
            WHERE t.tenant = $1 AND t.identifier = $6 AND t.realm = k.realm
            OFFSET 0
        ) AS n
        CROSS JOIN LATERAL (
            SELECT b.key, b.name
            FROM (
                SELECT t.key, t.name
                FROM permissions AS t
                WHERE t.tenant = $1 AND t.namespace_key = n.key AND t.name = $5::text
                ORDER BY t.namespace_key, t.name
                OFFSET 0
            ) AS b
            UNION ALL
            SELECT b.key, b.name
            FROM (
                SELECT t.key, t.name
                FROM permissions AS t
                WHERE t.tenant = $1 AND t.namespace_key >= n.key AND t.namespace_key <= n.key
                ORDER BY t.namespace_key, t.name
                OFFSET 0
            ) AS b
            WHERE $5::text IS NULL
        ) AS p
        WHERE p.key >= ($7::bigint[])[1]
        ORDER BY p.key
        OFFSET 0
    ) AS q
    CROSS JOIN LATERAL (
        (
            SELECT
                0::bigint AS role_key, 0::bigint AS assigned_seq, e.user_key,
                u.id AS user_id, NULL::text AS role_id, e.changed_seq AS opened_seq
            FROM (
                SELECT t.permission_key, t.user_key, t.changed_seq
                FROM user_permissions AS t
                WHERE
                    t.tenant = $1 AND t.permission_key <= q.key
                    AND (t.permission_key, t.user_key) > (
                        q.key,
                        CASE
                            WHEN q.key > ($7::bigint[])[1] THEN -1
                            WHEN ($7::bigint[])[2] = 0 THEN ($7::bigint[])[4]
                            ELSE 9223372036854775807
                        END
                    )
                ORDER BY t.permission_key, t.user_key
                OFFSET 0
            ) AS e
            CROSS JOIN LATERAL (
                SELECT t.id
                FROM users AS t
                WHERE t.tenant = $1 AND t.key >= e.user_key AND t.key <= e.user_key
                ORDER BY t.key
                LIMIT 1
            ) AS u
            WHERE $3::text IS NULL AND $4::text IS NULL
            ORDER BY e.permission_key, e.user_key
            LIMIT $8::bigint
        )
        UNION ALL
        (
            SELECT
                e.role_key, h.assigned_seq, h.user_key, h.user_id, r.id,
                greatest(e.changed_seq, h.assigned_seq)
            FROM (
                SELECT t.permission_key, t.role_key, t.changed_seq
                FROM role_permissions AS t
                WHERE
                    t.tenant = $1 AND t.permission_key <= q.key
                    AND (t.permission_key, t.role_key) >= (
                        q.key,
                        CASE WHEN q.key > ($7::bigint[])[1] THEN 0 ELSE ($7::bigint[])[2] END
                    )
                ORDER BY t.permission_key, t.role_key
                OFFSET 0
            ) AS e
            CROSS JOIN LATERAL (
                SELECT t.id
                FROM roles AS t
                WHERE t.tenant = $1 AND t.key >= e.role_key AND t.key <= e.role_key
                ORDER BY t.key
                LIMIT 1
            ) AS r
            CROSS JOIN LATERAL (
                SELECT 0::bigint AS assigned_seq, 0::bigint AS user_key, NULL::text AS user_id
                WHERE q.key > ($7::bigint[])[1] OR e.role_key > ($7::bigint[])[2]
                UNION ALL
                (
                    SELECT a.changed_seq, a.user_key, u.id
                    FROM (
                        SELECT t.role_key, t.changed_seq, t.user_key
                        FROM user_roles AS t
                        WHERE
                            t.tenant = $1 AND t.role_key <= e.role_key
                            AND (t.role_key, t.changed_seq, t.user_key) > (
                                e.role_key,
                                CASE
                                    WHEN q.key > ($7::bigint[])[1] OR e.role_key > ($7::bigint[])[2] THEN -1
                                    ELSE ($7::bigint[])[3]
                                END,
                                ($7::bigint[])[4]
                            )
                        ORDER BY t.role_key, t.changed_seq, t.user_key
                        OFFSET 0
                    ) AS a
                    CROSS JOIN LATERAL (
                        SELECT t.id
                        FROM users AS t
                        WHERE t.tenant = $1 AND t.key >= a.user_key AND t.key <= a.user_key
                        ORDER BY t.key
                        LIMIT 1
                    ) AS u
                    ORDER BY a.role_key, a.changed_seq, a.user_key
                    LIMIT $8::bigint
                )
            ) AS h
            ORDER BY e.permission_key, e.role_key, h.assigned_seq, h.user_key
            LIMIT $8::bigint
        )
    ) AS x
    ORDER BY q.key, x.role_key, x.assigned_seq, x.user_key
    LIMIT $8::bigint
)
SELECT
    h.tenant_seq, h.chain8, h.log_time, c.found,
    y.realm, y.user_id, y.role_id, y.permission, y.resource, y.opened_seq,
    y.k1, y.k2, y.k3, y.k4,
    y.opened_partition, y.opened_position, y.opened_at, y.opened_by
FROM tenant_head AS h
CROSS JOIN (SELECT count(*) AS found FROM found) AS c
LEFT JOIN LATERAL (
    SELECT
        f.*,
        o.partition AS opened_partition,
        o.seq AS opened_position,
        o.log_time AS opened_at,
        l.subject AS opened_by
    FROM (SELECT * FROM found ORDER BY k1, k2, k3, k4 LIMIT $9::bigint) AS f
    CROSS JOIN LATERAL (
        SELECT t.partition, t.seq, t.log_time
        FROM entry_position AS t
        WHERE t.tenant = $1 AND t.tenant_seq = f.opened_seq
        OFFSET 0
    ) AS o
    CROSS JOIN LATERAL (
        SELECT t.subject
        FROM ledger_entry AS t
        WHERE t.partition = o.partition AND t.seq = o.seq
        OFFSET 0
    ) AS l
) AS y ON true
WHERE h.tenant = $1
ORDER BY y.k1, y.k2, y.k3, y.k4;
