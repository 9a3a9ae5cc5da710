-- store.grants.of_resource
-- Who may do something with a resource: by the permission, then the role (0: none), then
-- the role itself before its users in the order of their assignment.
-- $3 subject, $4 role, $5 permission, $6 resource, null for any; $7 the row after which the page
-- begins; $8 rows that are looked for, $9 rows of the page
-- Camunda's: $10 the row after which the page begins, $11 its realm, null where it is not asked;
-- $12 resource type and $13 resource, null for any; $14 types, $15 names and $16 bits of permissions
-- as they are shown, -1 for types that have no names of their own.
-- SUBTLE: keys are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH edges AS MATERIALIZED (
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
),
authorized AS MATERIALIZED (
    SELECT
        $11::smallint AS realm, h.user_id, a.group_id, a.id AS authorization_id, a.kind, s.name AS permission,
        a.resource_type, a.resource_id, greatest(a.since, h.since) AS opened_seq,
        a.key AS k1, h.group_key AS k2, h.user_key AS k3, s.ordinal AS k4
    FROM (SELECT $13::text AS id UNION SELECT '*') AS i
    CROSS JOIN LATERAL (
        SELECT
            t.key, t.id, t.kind, t.user_id, t.group_id, t.resource_type, t.resource_id, t.permissions,
            t.changed_seq AS since
        FROM authorizations AS t
        WHERE
            $11::smallint IS NOT NULL
            AND t.tenant = $1
            AND t.resource_type::text || '/' || t.resource_id >= $12::integer::text || '/' || i.id
            AND t.resource_type::text || '/' || t.resource_id <= $12::integer::text || '/' || i.id
        ORDER BY t.resource_type::text || '/' || t.resource_id
        OFFSET 0
    ) AS a
    CROSS JOIN LATERAL (
        SELECT
            0::bigint AS group_key, 0::bigint AS user_key,
            CASE WHEN a.kind > 0 THEN a.user_id END AS user_id, a.since
        UNION ALL
        SELECT g.key AS group_key, m.user_key, u.id AS user_id, m.changed_seq AS since
        FROM (
            SELECT t.key
            FROM groups AS t
            WHERE t.tenant = $1 AND t.id = a.group_id AND t.realm = $11
            OFFSET 0
        ) AS g
        CROSS JOIN LATERAL (
            SELECT t.user_key, t.changed_seq
            FROM group_members AS t
            WHERE t.tenant = $1 AND t.group_key >= g.key AND t.group_key <= g.key
            ORDER BY t.group_key, t.user_key
            OFFSET 0
        ) AS m
        CROSS JOIN LATERAL (
            SELECT t.id
            FROM users AS t
            WHERE t.tenant = $1 AND t.key >= m.user_key AND t.key <= m.user_key
            ORDER BY t.key
            LIMIT 1
        ) AS u
    ) AS h
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN a.resource_type = ANY ($14::integer[]) THEN a.resource_type ELSE -1 END AS names,
            a.permissions = CASE WHEN a.kind = 2 THEN 0 ELSE 2147483647 END AS is_all
    ) AS b
    CROSS JOIN LATERAL (
        SELECT 0::bigint AS ordinal, 'ALL'::text AS name
        WHERE
            b.is_all
            AND ($5::text IS NULL OR $5 = 'ALL' OR EXISTS (
                SELECT 1
                FROM unnest($14::integer[], $15::text[]) AS n (names, name)
                WHERE n.names = b.names AND n.name = $5
            ))
        UNION ALL
        SELECT n.ordinal, n.name
        FROM unnest($14::integer[], $15::text[], $16::integer[])
            WITH ORDINALITY AS n (names, name, bits, ordinal)
        WHERE
            NOT b.is_all AND n.names = b.names
            AND (a.permissions & n.bits = n.bits) = (a.kind <> 2)
            AND ($5::text IS NULL OR n.name = $5)
    ) AS s
    WHERE
        (a.key, h.group_key, h.user_key, s.ordinal)
        > (($10::bigint[])[1], ($10::bigint[])[2], ($10::bigint[])[3], ($10::bigint[])[4])
    ORDER BY a.key, h.group_key, h.user_key, s.ordinal
    LIMIT $8::bigint
),
found AS MATERIALIZED (
    SELECT x.*
    FROM (
        SELECT
            0 AS section, e.realm, e.user_id, e.role_id, e.permission, e.resource, e.opened_seq,
            NULL::text AS group_id, NULL::text AS authorization_id, NULL::smallint AS kind,
            NULL::integer AS resource_type, NULL::text AS resource_id, e.k1, e.k2, e.k3, e.k4
        FROM edges AS e
        UNION ALL
        SELECT
            1, a.realm, a.user_id, NULL, a.permission, NULL, a.opened_seq,
            a.group_id, a.authorization_id, a.kind, a.resource_type, a.resource_id,
            a.k1, a.k2, a.k3, a.k4
        FROM authorized AS a
    ) AS x
    ORDER BY x.section, x.k1, x.k2, x.k3, x.k4
    LIMIT $8::bigint
)
SELECT
    h.tenant_seq, h.chain8, h.log_time, c.found,
    y.realm, y.user_id, y.role_id, y.permission, y.resource, y.opened_seq,
    y.section, y.group_id, y.authorization_id, y.kind, y.resource_type, y.resource_id,
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
    FROM (SELECT * FROM found ORDER BY section, k1, k2, k3, k4 LIMIT $9::bigint) AS f
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
ORDER BY y.section, y.k1, y.k2, y.k3, y.k4;
