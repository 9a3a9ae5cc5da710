-- store.grants.check_at
-- One row for each question that is allowed as of $2. A direct grant comes before one by a role, an
-- older role before a newer one.
-- What changed how often does not matter: of a noun or an edge only the newest row at $2 is read.
-- The roles that a user ever had and those that ever held the permission are walked side by side:
-- each step goes to the next role of the one list and asks the other for the first that is not
-- before it, so there are no more steps than the shorter list has roles.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
SELECT
    q.question,
    q.realm,
    v.role_id,
    coalesce(d.opened_seq, v.opened_seq) AS opened_seq,
    o.opened_partition,
    o.opened_position,
    o.opened_at
FROM unnest($3::integer[], $4::smallint[], $5::text[], $6::text[], $7::text[])
    AS q (question, realm, subject, permission, resource)
CROSS JOIN LATERAL (
    SELECT x.key
    FROM (
        SELECT t.key, t.to_seq
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.id = q.subject AND t.realm = q.realm AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    WHERE x.to_seq IS NULL OR x.to_seq > $2
) AS u
CROSS JOIN LATERAL (
    SELECT x.key
    FROM (
        SELECT t.key, t.to_seq
        FROM namespaces_history AS t
        WHERE
            t.tenant = $1 AND t.identifier = q.resource AND t.realm = q.realm
            AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    WHERE x.to_seq IS NULL OR x.to_seq > $2
) AS n
CROSS JOIN LATERAL (
    SELECT x.key
    FROM (
        SELECT t.key, t.to_seq
        FROM permissions_history AS t
        WHERE
            t.tenant = $1 AND t.namespace_key = n.key AND t.name = q.permission
            AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    WHERE x.to_seq IS NULL OR x.to_seq > $2
) AS p
LEFT JOIN LATERAL (
    SELECT x.from_seq AS opened_seq
    FROM (
        SELECT t.from_seq, t.to_seq
        FROM user_permissions_history AS t
        WHERE
            t.tenant = $1 AND t.user_key = u.key AND t.permission_key = p.key
            AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    WHERE x.to_seq IS NULL OR x.to_seq > $2
) AS d ON true
LEFT JOIN LATERAL (
    WITH RECURSIVE walk (role_key, other_key) AS (
        SELECT -1::bigint, -1::bigint
        UNION ALL
        SELECT a.role_key, e.role_key
        FROM walk AS w
        CROSS JOIN LATERAL (
            SELECT t.role_key
            FROM user_roles_history AS t
            WHERE
                t.tenant = $1 AND t.user_key <= u.key
                AND (t.user_key, t.role_key) > (
                    u.key,
                    CASE WHEN w.role_key = w.other_key THEN w.role_key ELSE w.other_key - 1 END
                )
            ORDER BY t.user_key, t.role_key
            LIMIT 1
        ) AS a
        CROSS JOIN LATERAL (
            SELECT t.role_key
            FROM role_permissions_history AS t
            WHERE
                t.tenant = $1 AND t.permission_key <= p.key
                AND (t.permission_key, t.role_key) >= (p.key, a.role_key)
            ORDER BY t.permission_key, t.role_key
            LIMIT 1
        ) AS e
    )
    SELECT r.id AS role_id, greatest(a.from_seq, e.from_seq) AS opened_seq
    FROM walk AS w
    CROSS JOIN LATERAL (
        SELECT x.from_seq
        FROM (
            SELECT t.from_seq, t.to_seq
            FROM user_roles_history AS t
            WHERE
                t.tenant = $1 AND t.user_key = u.key AND t.role_key = w.role_key
                AND t.from_seq <= $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $2
    ) AS a
    CROSS JOIN LATERAL (
        SELECT x.from_seq
        FROM (
            SELECT t.from_seq, t.to_seq
            FROM role_permissions_history AS t
            WHERE
                t.tenant = $1 AND t.role_key = w.role_key AND t.permission_key = p.key
                AND t.from_seq <= $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $2
    ) AS e
    CROSS JOIN LATERAL (
        SELECT x.id
        FROM (
            SELECT t.id, t.to_seq
            FROM roles_history AS t
            WHERE t.tenant = $1 AND t.key = w.role_key AND t.from_seq <= $2
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS x
        WHERE x.to_seq IS NULL OR x.to_seq > $2
    ) AS r
    WHERE d.opened_seq IS NULL AND w.role_key = w.other_key
    ORDER BY w.role_key
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
) AS o;
