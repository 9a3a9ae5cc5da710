-- store.grants.of_role
-- What a role may do: by the role, then the permission. No subject is asked for.
-- $3 subject, $4 role, $5 permission, $6 resource, null for any; $7 the row after which the page
-- begins; $8 rows that are looked for, $9 rows of the page
-- SUBTLE: keys are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH found AS MATERIALIZED (
    SELECT
        k.realm, $3::text AS user_id, $4::text AS role_id, p.name AS permission,
        n.identifier AS resource, e.changed_seq AS opened_seq,
        r.key AS k1, e.permission_key AS k2, 0::bigint AS k3, 0::bigint AS k4
    FROM unnest($2::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT t.key
        FROM roles AS t
        WHERE t.tenant = $1 AND t.id >= $4 AND t.id <= $4 AND t.realm = k.realm
        ORDER BY t.id
        OFFSET 0
    ) AS r
    CROSS JOIN LATERAL (
        SELECT t.role_key, t.permission_key, t.changed_seq
        FROM role_permissions AS t
        WHERE
            t.tenant = $1 AND t.role_key <= r.key
            AND (t.role_key, t.permission_key) > (
                r.key,
                CASE
                    WHEN r.key > ($7::bigint[])[1] THEN -1
                    WHEN r.key = ($7::bigint[])[1] THEN ($7::bigint[])[2]
                    ELSE 9223372036854775807
                END
            )
        ORDER BY t.role_key, t.permission_key
        OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT t.namespace_key, t.name
        FROM permissions AS t
        WHERE t.tenant = $1 AND t.key >= e.permission_key AND t.key <= e.permission_key
        ORDER BY t.key
        LIMIT 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT t.identifier
        FROM namespaces AS t
        WHERE t.tenant = $1 AND t.key >= p.namespace_key AND t.key <= p.namespace_key
        ORDER BY t.key
        LIMIT 1
    ) AS n
    WHERE ($5::text IS NULL OR p.name = $5) AND ($6::text IS NULL OR n.identifier = $6)
    ORDER BY r.key, e.permission_key
    LIMIT $8::bigint
)
SELECT
    h.tenant_seq, h.chain8, h.log_time, c.found,
    y.realm, y.user_id, y.role_id, y.permission, y.resource, y.opened_seq,
    0 AS section, NULL::text AS group_id, NULL::text AS authorization_id, NULL::smallint AS kind,
    NULL::integer AS resource_type, NULL::text AS resource_id,
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
