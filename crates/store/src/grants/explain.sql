-- store.grants.explain
-- Every way by which $4 may do $5 with $6 as of $2, or else those that were lost last; one row at
-- least, which says what of the names exists. $3 realms, $7 ways at most.
-- Names span every noun that bore them: of a noun the newest row at $2 is read, and the one before
-- it is that of the noun before. Of an edge that was there more than once, each time counts; but
-- not one that began in the entry that ended a noun under it, since that was never there.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
WITH RECURSIVE who (realm, key, ended) AS (
    SELECT k.realm, x.key, x.ended
    FROM unnest($3::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.id = $4 AND t.realm = k.realm AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    UNION ALL
    SELECT w.realm, x.key, x.ended
    FROM who AS w
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.id = $4 AND t.realm = w.realm AND t.from_seq < w.key >> 20
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
),
place (realm, key, ended) AS (
    SELECT k.realm, x.key, x.ended
    FROM unnest($3::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM namespaces_history AS t
        WHERE t.tenant = $1 AND t.identifier = $6 AND t.realm = k.realm AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    UNION ALL
    SELECT p.realm, x.key, x.ended
    FROM place AS p
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM namespaces_history AS t
        WHERE
            t.tenant = $1 AND t.identifier = $6 AND t.realm = p.realm
            AND t.from_seq < p.key >> 20
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
),
what (realm, namespace_key, namespace_ended, key, ended) AS (
    SELECT p.realm, p.key, p.ended, x.key, x.ended
    FROM place AS p
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM permissions_history AS t
        WHERE t.tenant = $1 AND t.namespace_key = p.key AND t.name = $5 AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    UNION ALL
    SELECT w.realm, w.namespace_key, w.namespace_ended, x.key, x.ended
    FROM what AS w
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM permissions_history AS t
        WHERE
            t.tenant = $1 AND t.namespace_key = w.namespace_key AND t.name = $5
            AND t.from_seq < w.key >> 20
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
),
-- A user and a permission whose lives met.
pair AS MATERIALIZED (
    SELECT
        u.realm, u.key AS user_key, u.ended AS user_ended,
        p.namespace_key, p.namespace_ended, p.key AS permission_key, p.ended AS permission_ended,
        least(p.ended, p.namespace_ended) AS held_ended
    FROM who AS u
    CROSS JOIN what AS p
    WHERE
        p.realm = u.realm
        AND (u.ended IS NULL OR u.ended > p.key >> 20)
        AND (p.ended IS NULL OR p.ended > u.key >> 20)
        AND (p.namespace_ended IS NULL OR p.namespace_ended > u.key >> 20)
),
direct AS MATERIALIZED (
    SELECT
        p.*,
        e.from_seq AS edge_from, e.ended AS edge_ended,
        e.from_seq AS opened_seq,
        least(e.ended, p.user_ended, p.held_ended) AS closed_seq
    FROM pair AS p
    CROSS JOIN LATERAL (
        SELECT t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM user_permissions_history AS t
        WHERE
            t.tenant = $1 AND t.user_key = p.user_key AND t.permission_key = p.permission_key
            AND t.from_seq < coalesce(least(p.user_ended, p.held_ended), $2 + 1)
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS e
),
-- The roles that the user ever had and that ever held the permission; see check_at.
meeting AS MATERIALIZED (
    SELECT p.*, m.role_key
    FROM pair AS p
    CROSS JOIN LATERAL (
        WITH RECURSIVE walk (role_key, other_key) AS (
            SELECT -1::bigint, -1::bigint
            UNION ALL
            SELECT a.role_key, e.role_key
            FROM walk AS w
            CROSS JOIN LATERAL (
                SELECT t.role_key
                FROM user_roles_history AS t
                WHERE
                    t.tenant = $1 AND t.user_key <= p.user_key
                    AND (t.user_key, t.role_key) > (
                        p.user_key,
                        CASE WHEN w.role_key = w.other_key THEN w.role_key ELSE w.other_key - 1 END
                    )
                ORDER BY t.user_key, t.role_key
                LIMIT 1
            ) AS a
            CROSS JOIN LATERAL (
                SELECT t.role_key
                FROM role_permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.permission_key <= p.permission_key
                    AND (t.permission_key, t.role_key) >= (p.permission_key, a.role_key)
                ORDER BY t.permission_key, t.role_key
                LIMIT 1
            ) AS e
        )
        SELECT w.role_key
        FROM walk AS w
        WHERE w.role_key = w.other_key AND w.role_key >= 0
    ) AS m
),
-- The last time that the user had the role while it held the permission. Times are walked from the
-- newest: of the permission's, only the last that began before the user's ended may meet it, since
-- those before that one ended before it began.
by_role AS MATERIALIZED (
    SELECT
        m.*,
        r.id AS role_id, r.ended AS role_ended,
        x.assigned_from, x.assigned_ended, x.edge_from, x.edge_ended,
        greatest(x.assigned_from, x.edge_from) AS opened_seq,
        least(x.assigned_ended, m.user_ended, r.ended, x.edge_ended, m.held_ended) AS closed_seq
    FROM meeting AS m
    CROSS JOIN LATERAL (
        SELECT t.id, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM roles_history AS t
        WHERE t.tenant = $1 AND t.key = m.role_key AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS r
    CROSS JOIN LATERAL (
        SELECT
            a.from_seq AS assigned_from, a.ended AS assigned_ended,
            e.from_seq AS edge_from, e.ended AS edge_ended
        FROM (
            SELECT t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
            FROM user_roles_history AS t
            WHERE
                t.tenant = $1 AND t.user_key = m.user_key AND t.role_key = m.role_key
                AND t.from_seq < coalesce(least(m.user_ended, r.ended), $2 + 1)
            ORDER BY t.from_seq DESC
            OFFSET 0
        ) AS a
        CROSS JOIN LATERAL (
            SELECT t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
            FROM role_permissions_history AS t
            WHERE
                t.tenant = $1 AND t.role_key = m.role_key AND t.permission_key = m.permission_key
                AND t.from_seq
                < coalesce(least(a.ended, m.user_ended, r.ended, m.held_ended), $2 + 1)
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS e
        WHERE a.from_seq < coalesce(least(e.ended, r.ended, m.held_ended), $2 + 1)
        ORDER BY a.from_seq DESC
        LIMIT 1
    ) AS x
),
way AS MATERIALIZED (
    SELECT
        d.realm, d.user_key, d.user_ended, d.namespace_key, d.namespace_ended, d.permission_key,
        d.permission_ended, NULL::bigint AS role_key, NULL::text AS role_id,
        NULL::bigint AS role_ended, NULL::bigint AS assigned_from, NULL::bigint AS assigned_ended,
        d.edge_from, d.edge_ended, d.opened_seq, d.closed_seq
    FROM direct AS d
    UNION ALL
    SELECT
        b.realm, b.user_key, b.user_ended, b.namespace_key, b.namespace_ended, b.permission_key,
        b.permission_ended, b.role_key, b.role_id, b.role_ended, b.assigned_from, b.assigned_ended,
        b.edge_from, b.edge_ended, b.opened_seq, b.closed_seq
    FROM by_role AS b
),
-- A way that is open is the last to be lost.
last_way AS (
    SELECT
        w.*,
        coalesce(w.closed_seq, 9223372036854775807) AS until,
        max(coalesce(w.closed_seq, 9223372036854775807)) OVER () AS last_until
    FROM way AS w
)
SELECT
    s.user_there, s.namespace_there, s.permission_there,
    y.realm, y.user_key, y.user_ended, y.namespace_key, y.namespace_ended, y.permission_key,
    y.permission_ended, y.role_key, y.role_id, y.role_ended, y.assigned_from, y.assigned_ended,
    y.edge_from, y.edge_ended, y.opened_seq, y.closed_seq
FROM (
    SELECT
        EXISTS (SELECT 1 FROM who WHERE ended IS NULL) AS user_there,
        EXISTS (SELECT 1 FROM place WHERE ended IS NULL) AS namespace_there,
        EXISTS (
            SELECT 1 FROM what WHERE ended IS NULL AND namespace_ended IS NULL
        ) AS permission_there
) AS s
LEFT JOIN LATERAL (
    SELECT l.*
    FROM last_way AS l
    WHERE l.until = l.last_until
    ORDER BY l.realm, l.user_key, l.role_key NULLS FIRST, l.permission_key, l.opened_seq
    LIMIT $7::bigint
) AS y ON true
ORDER BY y.realm, y.user_key, y.role_key NULLS FIRST, y.permission_key, y.opened_seq;
