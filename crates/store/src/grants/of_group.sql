-- store.grants.of_group
-- What a group may do: by the authorization, then the permission. No subject is asked for.
-- $2 Camunda's realm, null where it is not asked; $3 group; $4 resource type and $6 resource, null for
-- any; $5 permission, null for any; $7 the row after which the page begins; $8 rows that are looked
-- for, $9 rows of the page; $10 types, $11 names and $12 bits of permissions as they are shown, -1 for
-- types that have no names of their own
-- SUBTLE: names are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH found AS MATERIALIZED (
    SELECT
        $2::smallint AS realm, $3::text AS group_id, a.id AS authorization_id, a.kind, s.name AS permission,
        a.resource_type, a.resource_id, a.since AS opened_seq,
        a.key AS k1, 0::bigint AS k2, 0::bigint AS k3, s.ordinal AS k4
    FROM (
        SELECT
            t.key, t.id, t.kind, t.resource_type, t.resource_id, t.permissions, t.changed_seq AS since
        FROM authorizations AS t
        WHERE
            $2::smallint IS NOT NULL AND t.tenant = $1 AND t.group_id >= $3 AND t.group_id <= $3
            AND t.resource_id IS NOT NULL
            AND ($4::integer IS NULL OR (t.resource_type = $4 AND t.resource_id IN ($6::text, '*')))
        ORDER BY t.group_id, t.resource_type, t.resource_id
        OFFSET 0
    ) AS a
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN a.resource_type = ANY ($10::integer[]) THEN a.resource_type ELSE -1 END AS names,
            a.permissions = CASE WHEN a.kind = 2 THEN 0 ELSE 2147483647 END AS is_all
    ) AS b
    CROSS JOIN LATERAL (
        SELECT 0::bigint AS ordinal, 'ALL'::text AS name
        WHERE
            b.is_all
            AND ($5::text IS NULL OR $5 = 'ALL' OR EXISTS (
                SELECT 1
                FROM unnest($10::integer[], $11::text[]) AS n (names, name)
                WHERE n.names = b.names AND n.name = $5
            ))
        UNION ALL
        SELECT n.ordinal, n.name
        FROM unnest($10::integer[], $11::text[], $12::integer[])
            WITH ORDINALITY AS n (names, name, bits, ordinal)
        WHERE
            NOT b.is_all AND n.names = b.names
            AND (a.permissions & n.bits = n.bits) = (a.kind <> 2)
            AND ($5::text IS NULL OR n.name = $5)
    ) AS s
    WHERE
        (a.key, 0::bigint, 0::bigint, s.ordinal)
        > (($7::bigint[])[1], ($7::bigint[])[2], ($7::bigint[])[3], ($7::bigint[])[4])
    ORDER BY a.key, s.ordinal
    LIMIT $8::bigint
)
SELECT
    h.tenant_seq, h.chain8, h.log_time, c.found,
    y.realm, NULL::text AS user_id, NULL::text AS role_id, y.permission, NULL::text AS resource, y.opened_seq,
    1 AS section, y.group_id, y.authorization_id, y.kind, y.resource_type, y.resource_id,
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
    FROM (SELECT * FROM found ORDER BY k1, k4 LIMIT $9::bigint) AS f
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
ORDER BY y.k1, y.k4;
