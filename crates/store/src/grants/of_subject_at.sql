-- store.grants.of_subject_at
-- What a user may do, directly and by roles, as of $19: by the user, then the role (0: none), then
-- the permission.
-- $3 subject, $4 role, $5 permission, $6 resource, null for any; $7 the row after which the page
-- begins; $8 rows that are looked for, $9 rows of the page; $19 as of
-- Camunda's: $10 the row after which the page begins, $11 its realm, null where it is not asked;
-- $12 resource type and $13 resource, null for any; $14 types, $15 names and $16 bits of permissions
-- as they are shown, -1 for types that have no names of their own;
-- $17 realms in which the subject is known; $18 group by which, null for any way.
-- SUBTLE: keys are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH -- Who is asked about: the subject itself, and those who are the same person.
who AS MATERIALIZED (
    SELECT k.realm, $3::text AS subject, 0::bigint AS linked_key, 0::bigint AS linked_seq
    FROM unnest($17::smallint[]) AS k (realm)
    WHERE k.realm = ANY ($2::smallint[]) OR k.realm = $11::smallint
    UNION ALL
    SELECT o.realm, o.subject, o.key, min(greatest(m.from_seq, o.from_seq))
    FROM unnest($17::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT x.link_key, x.from_seq
        FROM (
            SELECT t.link_key, t.from_seq, t.to_seq
            FROM linked_subjects_history AS t
            WHERE t.tenant = $1 AND t.subject = $3 AND t.realm = k.realm AND t.from_seq <= $19
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $19
    ) AS m
    CROSS JOIN LATERAL (
        SELECT t.key, t.realm, t.subject, t.from_seq
        FROM linked_subjects_history AS t
        WHERE
            t.tenant = $1 AND t.link_key >= m.link_key AND t.link_key <= m.link_key
            AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
        ORDER BY t.link_key, t.realm, t.subject, t.from_seq
        OFFSET 0
    ) AS o
    WHERE
        (o.realm = ANY ($2::smallint[]) OR o.realm = $11)
        AND NOT (o.subject = $3 AND o.realm = ANY ($17))
    GROUP BY o.realm, o.subject, o.key
),
edges AS MATERIALIZED (
    SELECT
        k.realm, k.subject AS user_id, x.role_id, x.permission, x.resource,
        greatest(x.opened_seq, k.linked_seq) AS opened_seq,
        u.key AS k1, x.role_key AS k2, x.permission_key AS k3, 0::bigint AS k4
    FROM who AS k
    CROSS JOIN LATERAL (
        SELECT x.key
        FROM (
            SELECT t.key, t.to_seq
            FROM users_history AS t
            WHERE t.tenant = $1 AND t.id = k.subject AND t.realm = k.realm AND k.realm = ANY ($2) AND t.from_seq <= $19
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $19
    ) AS u
    CROSS JOIN LATERAL (
        (
            SELECT
                0::bigint AS role_key, NULL::text AS role_id, e.permission_key,
                p.name AS permission, n.identifier AS resource, e.from_seq AS opened_seq
            FROM (
                SELECT t.user_key, t.permission_key, t.from_seq
                FROM user_permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key <= u.key
                    AND (t.user_key, t.permission_key) > (
                        u.key,
                        CASE
                            WHEN u.key > ($7::bigint[])[1] THEN -1
                            WHEN u.key = ($7::bigint[])[1] AND ($7::bigint[])[2] = 0 THEN ($7::bigint[])[3]
                            ELSE 9223372036854775807
                        END
                    )
                    AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
                ORDER BY t.user_key, t.permission_key
                OFFSET 0
            ) AS e
            CROSS JOIN LATERAL (
                SELECT x.namespace_key, x.name
                FROM (
                    SELECT t.namespace_key, t.name, t.to_seq
                    FROM permissions_history AS t
                    WHERE t.tenant = $1 AND t.key = e.permission_key AND t.from_seq <= $19
                    ORDER BY t.from_seq DESC
                    LIMIT 1
                ) AS x
                WHERE x.to_seq IS NULL OR x.to_seq > $19
            ) AS p
            CROSS JOIN LATERAL (
                SELECT x.identifier
                FROM (
                    SELECT t.identifier, t.to_seq
                    FROM namespaces_history AS t
                    WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq <= $19
                    ORDER BY t.from_seq DESC
                    LIMIT 1
                ) AS x
                WHERE x.to_seq IS NULL OR x.to_seq > $19
            ) AS n
            WHERE
                $4::text IS NULL
                AND ($5::text IS NULL OR p.name = $5) AND ($6::text IS NULL OR n.identifier = $6)
            ORDER BY e.user_key, e.permission_key
            LIMIT $8::bigint
        )
        UNION ALL
        (
            SELECT
                a.role_key, r.id, e.permission_key,
                p.name, n.identifier, greatest(a.from_seq, e.from_seq)
            FROM (
                SELECT t.user_key, t.role_key, t.from_seq
                FROM user_roles_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key <= u.key
                    AND (t.user_key, t.role_key) >= (
                        u.key,
                        CASE
                            WHEN u.key > ($7::bigint[])[1] THEN 0
                            WHEN u.key = ($7::bigint[])[1] THEN ($7::bigint[])[2]
                            ELSE 9223372036854775807
                        END
                    )
                    AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
                ORDER BY t.user_key, t.role_key
                OFFSET 0
            ) AS a
            CROSS JOIN LATERAL (
                SELECT x.id
                FROM (
                    SELECT t.id, t.to_seq
                    FROM roles_history AS t
                    WHERE t.tenant = $1 AND t.key = a.role_key AND t.from_seq <= $19
                    ORDER BY t.from_seq DESC
                    LIMIT 1
                ) AS x
                WHERE x.to_seq IS NULL OR x.to_seq > $19
            ) AS r
            CROSS JOIN LATERAL (
                SELECT t.role_key, t.permission_key, t.from_seq
                FROM role_permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.role_key <= a.role_key
                    AND (t.role_key, t.permission_key) > (
                        a.role_key,
                        CASE
                            WHEN u.key = ($7::bigint[])[1] AND a.role_key = ($7::bigint[])[2] THEN ($7::bigint[])[3]
                            ELSE -1
                        END
                    )
                    AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
                ORDER BY t.role_key, t.permission_key
                OFFSET 0
            ) AS e
            CROSS JOIN LATERAL (
                SELECT x.namespace_key, x.name
                FROM (
                    SELECT t.namespace_key, t.name, t.to_seq
                    FROM permissions_history AS t
                    WHERE t.tenant = $1 AND t.key = e.permission_key AND t.from_seq <= $19
                    ORDER BY t.from_seq DESC
                    LIMIT 1
                ) AS x
                WHERE x.to_seq IS NULL OR x.to_seq > $19
            ) AS p
            CROSS JOIN LATERAL (
                SELECT x.identifier
                FROM (
                    SELECT t.identifier, t.to_seq
                    FROM namespaces_history AS t
                    WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq <= $19
                    ORDER BY t.from_seq DESC
                    LIMIT 1
                ) AS x
                WHERE x.to_seq IS NULL OR x.to_seq > $19
            ) AS n
            WHERE
                ($4::text IS NULL OR r.id = $4)
                AND ($5::text IS NULL OR p.name = $5) AND ($6::text IS NULL OR n.identifier = $6)
            ORDER BY a.user_key, a.role_key, e.permission_key
            LIMIT $8::bigint
        )
    ) AS x
    ORDER BY u.key, x.role_key, x.permission_key
    LIMIT $8::bigint
),
authorized AS MATERIALIZED (
    SELECT
        w.realm, w.subject AS user_id, a.group_id, a.id AS authorization_id, a.kind, s.name AS permission,
        a.resource_type, a.resource_id, greatest(a.opened_seq, w.linked_seq) AS opened_seq,
        a.key AS k1, a.group_key AS k2, w.linked_key AS k3, s.ordinal AS k4
    FROM who AS w
    CROSS JOIN LATERAL (
        SELECT
            a.key, a.id, a.kind, a.resource_type, a.resource_id, a.permissions,
            0::bigint AS group_key, NULL::text AS group_id, a.since AS opened_seq
        FROM (
            SELECT
                t.key, t.id, t.kind, t.resource_type, t.resource_id, t.permissions, t.from_seq AS since
            FROM authorizations_history AS t
            WHERE
                w.realm = $11 AND t.tenant = $1 AND t.user_id >= w.subject AND t.user_id <= w.subject AND t.kind > 0
                AND t.resource_id IS NOT NULL
                AND ($12::integer IS NULL OR (t.resource_type = $12 AND t.resource_id IN ($13::text, '*')))
                AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
            ORDER BY t.user_id, t.resource_type, t.resource_id
            OFFSET 0
        ) AS a
        UNION ALL
        SELECT
            a.key, a.id, a.kind, a.resource_type, a.resource_id, a.permissions,
            0::bigint, NULL, a.since
        FROM (
            SELECT
                t.key, t.id, t.kind, t.resource_type, t.resource_id, t.permissions, t.from_seq AS since
            FROM authorizations_history AS t
            WHERE
                w.realm = $11 AND t.tenant = $1 AND t.user_id >= '*' AND t.user_id <= '*' AND t.kind = 0
                AND t.resource_id IS NOT NULL
                AND ($12::integer IS NULL OR (t.resource_type = $12 AND t.resource_id IN ($13::text, '*')))
                AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
            ORDER BY t.user_id, t.resource_type, t.resource_id
            OFFSET 0
        ) AS a
        UNION ALL
        SELECT
            a.key, a.id, a.kind, a.resource_type, a.resource_id, a.permissions,
            m.group_key, g.id, greatest(a.since, m.since)
        FROM (
            SELECT x.key
            FROM (
                SELECT t.key, t.to_seq
                FROM users_history AS t
                WHERE t.tenant = $1 AND w.realm = $11 AND t.id = w.subject AND t.realm = w.realm AND t.from_seq <= $19
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $19
        ) AS u
        CROSS JOIN LATERAL (
            SELECT t.group_key, t.from_seq AS since
            FROM group_members_history AS t
            WHERE
                t.tenant = $1 AND t.user_key >= u.key AND t.user_key <= u.key
                AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
            ORDER BY t.user_key, t.group_key
            OFFSET 0
        ) AS m
        CROSS JOIN LATERAL (
            SELECT x.id
            FROM (
                SELECT t.id, t.to_seq
                FROM groups_history AS t
                WHERE t.tenant = $1 AND t.key = m.group_key AND t.from_seq <= $19
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $19
        ) AS g
        CROSS JOIN LATERAL (
            SELECT
                t.key, t.id, t.kind, t.resource_type, t.resource_id, t.permissions, t.from_seq AS since
            FROM authorizations_history AS t
            WHERE
                t.tenant = $1 AND t.group_id >= g.id AND t.group_id <= g.id
                AND t.resource_id IS NOT NULL
                AND ($12::integer IS NULL OR (t.resource_type = $12 AND t.resource_id IN ($13::text, '*')))
                AND t.from_seq <= $19 AND (t.to_seq IS NULL OR t.to_seq > $19)
            ORDER BY t.group_id, t.resource_type, t.resource_id
            OFFSET 0
        ) AS a
    ) AS a
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
        $4::text IS NULL AND ($18::text IS NULL OR a.group_id = $18)
        AND (a.key, a.group_key, w.linked_key, s.ordinal)
        > (($10::bigint[])[1], ($10::bigint[])[2], ($10::bigint[])[3], ($10::bigint[])[4])
    ORDER BY a.key, a.group_key, w.linked_key, s.ordinal
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
    c.found,
    y.realm, y.user_id, y.role_id, y.permission, y.resource, y.opened_seq,
    y.section, y.group_id, y.authorization_id, y.kind, y.resource_type, y.resource_id,
    y.k1, y.k2, y.k3, y.k4,
    y.opened_partition, y.opened_position, y.opened_at, y.opened_by
FROM (SELECT 1) AS h
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
ORDER BY y.section, y.k1, y.k2, y.k3, y.k4;
