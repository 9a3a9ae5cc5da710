-- store.grants.of_role_at
-- What a role may do, as of $10: by the role, then the permission. No subject is asked for.
-- $3 subject, $4 role, $5 permission, $6 resource, null for any; $7 the row after which the page
-- begins; $8 rows that are looked for, $9 rows of the page, $10 as of
-- SUBTLE: keys are ranges, not equalities, so that only the index that begins with them has the
-- order: planned over an empty table, any index costs the same.
WITH found AS MATERIALIZED (
    SELECT
        k.realm, $3::text AS user_id, $4::text AS role_id, p.name AS permission,
        n.identifier AS resource, e.from_seq AS opened_seq,
        r.key AS k1, e.permission_key AS k2, 0::bigint AS k3, 0::bigint AS k4
    FROM unnest($2::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT x.key
        FROM (
            SELECT t.key, t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.id = $4 AND t.realm = k.realm AND t.from_seq <= $10
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $10
    ) AS r
    CROSS JOIN LATERAL (
        SELECT t.role_key, t.permission_key, t.from_seq
        FROM role_permissions_history AS t
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
            AND t.from_seq <= $10 AND (t.to_seq IS NULL OR t.to_seq > $10)
        ORDER BY t.role_key, t.permission_key
        OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT x.namespace_key, x.name
        FROM (
            SELECT t.namespace_key, t.name, t.to_seq
            FROM permissions_history AS t
            WHERE t.tenant = $1 AND t.key = e.permission_key AND t.from_seq <= $10
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $10
    ) AS p
    CROSS JOIN LATERAL (
        SELECT x.identifier
        FROM (
            SELECT t.identifier, t.to_seq
            FROM namespaces_history AS t
            WHERE t.tenant = $1 AND t.key = p.namespace_key AND t.from_seq <= $10
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $10
    ) AS n
    WHERE ($5::text IS NULL OR p.name = $5) AND ($6::text IS NULL OR n.identifier = $6)
    ORDER BY r.key, e.permission_key
    LIMIT $8::bigint
)
SELECT
    c.found,
    y.realm, y.user_id, y.role_id, y.permission, y.resource, y.opened_seq,
    0 AS section, NULL::text AS group_id, NULL::text AS authorization_id, NULL::smallint AS kind,
    NULL::integer AS resource_type, NULL::text AS resource_id,
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
ORDER BY y.k1, y.k2, y.k3, y.k4;
