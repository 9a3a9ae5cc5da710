-- store.grants.check
-- One row for each question that is allowed, and at least one row: where the ledger stands.
-- A direct grant comes before one by a role, an older role before a newer one.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
SELECT
    h.tenant_seq, h.chain8, h.log_time,
    y.question, y.realm, y.role_id, y.opened_seq, y.opened_partition, y.opened_position, y.opened_at
FROM tenant_head AS h
LEFT JOIN LATERAL (
    SELECT
        q.question,
        q.realm,
        v.role_id,
        coalesce(d.opened_seq, v.opened_seq) AS opened_seq,
        o.opened_partition,
        o.opened_position,
        o.opened_at
    FROM unnest($2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[])
        AS q (question, realm, subject, permission, resource)
    CROSS JOIN LATERAL (
        SELECT t.key
        FROM users AS t
        WHERE t.tenant = $1 AND t.id = q.subject AND t.realm = q.realm
        OFFSET 0
    ) AS u
    CROSS JOIN LATERAL (
        SELECT t.key
        FROM namespaces AS t
        WHERE t.tenant = $1 AND t.identifier = q.resource AND t.realm = q.realm
        OFFSET 0
    ) AS n
    CROSS JOIN LATERAL (
        SELECT t.key
        FROM permissions AS t
        WHERE t.tenant = $1 AND t.namespace_key = n.key AND t.name = q.permission
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
    CROSS JOIN LATERAL (
        SELECT
            t.partition AS opened_partition,
            t.seq AS opened_position,
            t.log_time AS opened_at
        FROM entry_position AS t
        WHERE t.tenant = $1 AND t.tenant_seq = coalesce(d.opened_seq, v.opened_seq)
        OFFSET 0
    ) AS o
) AS y ON true
WHERE h.tenant = $1;
