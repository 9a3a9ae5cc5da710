-- store.grants.explain
-- Every way by which $4 may do $5 with $6 as of $2, or else those that were lost last: part 0, one
-- row at least, which says what of the names exists. $3 realms whose grants are edges, $7 ways at
-- most, $8 realms in which $4 is known. And what decides in Camunda's realm, $9, null where it is
-- not asked, of its resource type $10 and resource $11, each with the time that it was there: who
-- is asked about (part 1), memberships (2), authorizations (3), that somebody has a revoke (4),
-- whether revokes count (5).
-- Names span every noun that bore them: of a noun the newest row at $2 is read, and the one before
-- it is that of the noun before. Of a permission every row is read, since its name may change. Of
-- an edge that was there more than once, each time counts; but not one that began in the entry that
-- ended a noun under it, since that was never there.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
WITH RECURSIVE person AS MATERIALIZED (
    SELECT
        k.realm, $4::text AS subject, 0::bigint AS linked_key, 0::smallint AS named_in,
        0::bigint AS linked_from, NULL::bigint AS linked_ended,
        NULL::bigint AS named_from, NULL::bigint AS named_ended,
        NULL::bigint AS other_from, NULL::bigint AS other_ended
    FROM unnest($8::smallint[]) AS k (realm)
    WHERE k.realm = ANY ($3::smallint[]) OR k.realm = $9::smallint
    UNION ALL
    SELECT
        o.realm, o.subject, o.key, k.realm,
        greatest(m.from_seq, o.from_seq), least(m.ended, o.ended),
        m.from_seq, m.ended, o.from_seq, o.ended
    FROM unnest($8::smallint[]) AS k (realm)
    CROSS JOIN LATERAL (
        SELECT t.link_key, t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM linked_subjects_history AS t
        WHERE
            t.tenant = $1 AND t.subject >= $4 AND t.subject <= $4 AND t.realm = k.realm
            AND t.from_seq <= $2
        ORDER BY t.subject, t.realm, t.from_seq
        OFFSET 0
    ) AS m
    CROSS JOIN LATERAL (
        SELECT
            t.key, t.realm, t.subject, t.from_seq,
            CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM linked_subjects_history AS t
        WHERE
            t.tenant = $1 AND t.link_key >= m.link_key AND t.link_key <= m.link_key
            AND t.from_seq <= $2
        ORDER BY t.link_key, t.realm, t.subject, t.from_seq
        OFFSET 0
    ) AS o
    WHERE
        (o.realm = ANY ($3) OR o.realm = $9)
        AND NOT (o.subject = $4 AND o.realm = ANY ($8))
        AND greatest(m.from_seq, o.from_seq) < coalesce(least(m.ended, o.ended), $2 + 1)
),
who (realm, subject, key, ended) AS (
    SELECT k.realm, k.subject, x.key, x.ended
    FROM (SELECT DISTINCT p.realm, p.subject FROM person AS p) AS k
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM users_history AS t
        WHERE t.tenant = $1 AND t.id = k.subject AND t.realm = k.realm AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS x
    UNION ALL
    SELECT w.realm, w.subject, x.key, x.ended
    FROM who AS w
    CROSS JOIN LATERAL (
        SELECT t.key, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM users_history AS t
        WHERE
            t.tenant = $1 AND t.id = w.subject AND t.realm = w.realm
            AND t.from_seq < w.key >> 20
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
-- From when to when a permission bore the name: an uninterrupted row of its rows.
what AS MATERIALIZED (
    SELECT
        p.realm, p.key AS namespace_key, p.ended AS namespace_ended,
        x.key, x.named_from, x.ended
    FROM place AS p
    CROSS JOIN LATERAL (
        SELECT
            r.key, min(r.from_seq) AS named_from,
            CASE WHEN count(*) = count(r.ended) THEN max(r.ended) END AS ended
        FROM (
            SELECT b.*, sum(b.begins) OVER (ORDER BY b.from_seq) AS run
            FROM (
                SELECT
                    t.key, t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended,
                    CASE
                        WHEN
                            lag(t.key) OVER (ORDER BY t.from_seq) = t.key
                            AND lag(t.to_seq) OVER (ORDER BY t.from_seq) = t.from_seq
                            THEN 0
                        ELSE 1
                    END AS begins
                FROM permissions_history AS t
                WHERE
                    t.tenant = $1 AND t.namespace_key = p.key AND t.name = $5
                    AND t.from_seq <= $2
            ) AS b
        ) AS r
        GROUP BY r.key, r.run
    ) AS x
),
-- A user and a permission whose lives met while the user was who is asked about.
pair AS MATERIALIZED (
    SELECT
        u.realm, u.subject, n.linked_key, n.named_in, n.linked_from,
        n.named_from AS link_from, n.named_ended AS link_ended,
        n.other_from AS other_link_from, n.other_ended AS other_link_ended,
        u.key AS user_key, u.ended AS user_ended,
        p.namespace_key, p.namespace_ended, p.key AS permission_key, p.ended AS permission_ended,
        greatest(n.linked_from, p.named_from) AS met_from,
        least(u.ended, n.linked_ended) AS who_ended,
        least(p.ended, p.namespace_ended) AS held_ended
    FROM who AS u
    CROSS JOIN person AS n
    CROSS JOIN what AS p
    WHERE
        n.realm = u.realm AND n.subject = u.subject AND p.realm = u.realm
        AND greatest(u.key >> 20, n.linked_from, p.named_from)
        < coalesce(least(u.ended, n.linked_ended, p.ended, p.namespace_ended), $2 + 1)
),
direct AS MATERIALIZED (
    SELECT
        p.*,
        e.from_seq AS edge_from, e.ended AS edge_ended,
        greatest(e.from_seq, p.linked_from) AS opened_seq,
        least(e.ended, p.who_ended, p.held_ended) AS closed_seq
    FROM pair AS p
    CROSS JOIN LATERAL (
        SELECT t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM user_permissions_history AS t
        WHERE
            t.tenant = $1 AND t.user_key = p.user_key AND t.permission_key = p.permission_key
            AND t.from_seq < coalesce(least(p.who_ended, p.held_ended), $2 + 1)
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS e
    WHERE
        greatest(e.from_seq, p.met_from)
        < coalesce(least(e.ended, p.who_ended, p.held_ended), $2 + 1)
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
        greatest(x.assigned_from, x.edge_from, m.linked_from) AS opened_seq,
        least(x.assigned_ended, m.who_ended, r.ended, x.edge_ended, m.held_ended) AS closed_seq
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
                AND t.from_seq < coalesce(least(m.who_ended, r.ended), $2 + 1)
            ORDER BY t.from_seq DESC
            OFFSET 0
        ) AS a
        CROSS JOIN LATERAL (
            SELECT t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
            FROM role_permissions_history AS t
            WHERE
                t.tenant = $1 AND t.role_key = m.role_key AND t.permission_key = m.permission_key
                AND t.from_seq
                < coalesce(least(a.ended, m.who_ended, r.ended, m.held_ended), $2 + 1)
            ORDER BY t.from_seq DESC
            LIMIT 1
        ) AS e
        WHERE
            greatest(a.from_seq, e.from_seq, m.met_from)
            < coalesce(least(a.ended, e.ended, m.who_ended, r.ended, m.held_ended), $2 + 1)
        ORDER BY a.from_seq DESC
        LIMIT 1
    ) AS x
),
way AS MATERIALIZED (
    SELECT
        d.realm, d.subject, d.linked_key, d.named_in, d.link_from, d.link_ended,
        d.other_link_from, d.other_link_ended, d.user_key, d.user_ended, d.namespace_key,
        d.namespace_ended, d.permission_key, d.permission_ended, NULL::bigint AS role_key,
        NULL::text AS role_id, NULL::bigint AS role_ended, NULL::bigint AS assigned_from,
        NULL::bigint AS assigned_ended, d.edge_from, d.edge_ended, d.opened_seq, d.closed_seq
    FROM direct AS d
    UNION ALL
    SELECT
        b.realm, b.subject, b.linked_key, b.named_in, b.link_from, b.link_ended,
        b.other_link_from, b.other_link_ended, b.user_key, b.user_ended, b.namespace_key,
        b.namespace_ended, b.permission_key, b.permission_ended, b.role_key, b.role_id,
        b.role_ended, b.assigned_from, b.assigned_ended, b.edge_from, b.edge_ended, b.opened_seq,
        b.closed_seq
    FROM by_role AS b
),
-- A way that is open is the last to be lost.
last_way AS (
    SELECT
        w.*,
        coalesce(w.closed_seq, 9223372036854775807) AS until,
        max(coalesce(w.closed_seq, 9223372036854775807)) OVER () AS last_until
    FROM way AS w
),
-- What decides in Camunda's realm.
member AS MATERIALIZED (
    SELECT
        u.subject, u.key AS user_key, m.group_key, g.id AS group_id, m.from_seq, m.ended,
        u.ended AS user_ended, g.ended AS group_ended
    FROM who AS u
    CROSS JOIN LATERAL (
        SELECT t.group_key, t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM group_members_history AS t
        WHERE
            t.tenant = $1 AND t.user_key >= u.key AND t.user_key <= u.key
            AND t.from_seq <= $2
        ORDER BY t.user_key, t.group_key, t.from_seq
        OFFSET 0
    ) AS m
    CROSS JOIN LATERAL (
        SELECT t.id, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM groups_history AS t
        WHERE t.tenant = $1 AND t.key = m.group_key AND t.from_seq <= $2
        ORDER BY t.from_seq DESC
        LIMIT 1
    ) AS g
    WHERE u.realm = $9 AND m.from_seq < coalesce(least(m.ended, u.ended, g.ended), $2 + 1)
),
holder AS MATERIALIZED (
    SELECT p.subject AS user_id, NULL::text AS group_id FROM person AS p WHERE p.realm = $9
    UNION
    SELECT '*', NULL WHERE $9 IS NOT NULL
    UNION
    SELECT NULL, m.group_id FROM member AS m
),
rule AS MATERIALIZED (
    SELECT x.*
    FROM holder AS h
    CROSS JOIN (SELECT $11::text AS id UNION SELECT '*') AS i
    CROSS JOIN LATERAL (
        SELECT
            t.key, t.id, t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.from_seq,
            CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM authorizations_history AS t
        WHERE
            t.tenant = $1 AND t.user_id <= h.user_id
            AND (t.user_id, t.resource_type, t.resource_id) >= (h.user_id, $10::integer, i.id)
            AND (t.user_id, t.resource_type, t.resource_id) <= (h.user_id, $10::integer, i.id)
            AND t.from_seq <= $2
        ORDER BY t.user_id, t.resource_type, t.resource_id, t.kind, t.from_seq
        OFFSET 0
    ) AS x
    UNION ALL
    SELECT x.*
    FROM holder AS h
    CROSS JOIN (SELECT $11::text AS id UNION SELECT '*') AS i
    CROSS JOIN LATERAL (
        SELECT
            t.key, t.id, t.kind, t.user_id, t.group_id, t.resource_id, t.permissions, t.from_seq,
            CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM authorizations_history AS t
        WHERE
            t.tenant = $1 AND t.group_id <= h.group_id
            AND (t.group_id, t.resource_type, t.resource_id) >= (h.group_id, $10::integer, i.id)
            AND (t.group_id, t.resource_type, t.resource_id) <= (h.group_id, $10::integer, i.id)
            AND t.from_seq <= $2
        ORDER BY t.group_id, t.resource_type, t.resource_id, t.kind, t.from_seq
        OFFSET 0
    ) AS x
),
-- They matter where a row could revoke.
has_revoke AS MATERIALIZED (
    SELECT x.*
    FROM holder AS h
    CROSS JOIN LATERAL (
        SELECT
            t.user_id, t.group_id, t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM authorizations_history AS t
        WHERE
            t.tenant = $1 AND t.user_id >= h.user_id AND t.user_id <= h.user_id AND t.kind = 2
            AND t.from_seq <= $2
        ORDER BY
            t.user_id, coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text), t.from_seq
        OFFSET 0
    ) AS x
    WHERE EXISTS (SELECT 1 FROM rule AS r WHERE r.kind <> 1)
    UNION ALL
    SELECT x.*
    FROM holder AS h
    CROSS JOIN LATERAL (
        SELECT
            t.user_id, t.group_id, t.from_seq, CASE WHEN t.to_seq <= $2 THEN t.to_seq END AS ended
        FROM authorizations_history AS t
        WHERE
            t.tenant = $1 AND t.group_id >= h.group_id AND t.group_id <= h.group_id AND t.kind = 2
            AND t.from_seq <= $2
        ORDER BY
            t.group_id, coalesce(t.resource_type::text || '/' || t.resource_id, t.key::text), t.from_seq
        OFFSET 0
    ) AS x
    WHERE EXISTS (SELECT 1 FROM rule AS r WHERE r.kind <> 1)
)
SELECT z.*
FROM (
    SELECT
        0::smallint AS part, s.user_there, s.namespace_there, s.permission_there, y.realm,
        y.subject, y.linked_key, y.named_in, y.link_from, y.link_ended, y.other_link_from,
        y.other_link_ended, y.user_key, y.user_ended, y.namespace_key, y.namespace_ended,
        y.permission_key, y.permission_ended, y.role_key, y.role_id, y.role_ended,
        y.assigned_from, y.assigned_ended, y.edge_from, y.edge_ended, y.opened_seq, y.closed_seq,
        NULL::bigint AS from_seq, NULL::bigint AS ended, NULL::bigint AS key, NULL::text AS id,
        NULL::smallint AS kind, NULL::text AS user_id, NULL::text AS group_id,
        NULL::bigint AS group_key, NULL::bigint AS group_ended, NULL::text AS resource_id,
        NULL::integer AS permissions, NULL::text AS revoke_mode
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
        ORDER BY
            l.linked_key, l.named_in, l.realm, l.user_key, l.role_key NULLS FIRST,
            l.permission_key, l.opened_seq
        LIMIT $7::bigint
    ) AS y ON true
    UNION ALL
    SELECT
        1, NULL, NULL, NULL, p.realm, p.subject, p.linked_key, p.named_in, p.named_from,
        p.named_ended, p.other_from, p.other_ended, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p.linked_from, p.linked_ended, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM person AS p
    WHERE p.realm = $9
    UNION ALL
    SELECT
        2, NULL, NULL, NULL, NULL, m.subject, NULL, NULL, NULL, NULL, NULL, NULL, m.user_key,
        m.user_ended, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, m.from_seq, m.ended, NULL, NULL, NULL, NULL, m.group_id, m.group_key,
        m.group_ended, NULL, NULL, NULL
    FROM member AS m
    UNION ALL
    SELECT
        3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.from_seq,
        r.ended, r.key, r.id, r.kind, r.user_id, r.group_id, NULL, NULL, r.resource_id,
        r.permissions, NULL
    FROM rule AS r
    UNION ALL
    SELECT
        4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.from_seq,
        r.ended, NULL, NULL, NULL, r.user_id, r.group_id, NULL, NULL, NULL, NULL, NULL
    FROM has_revoke AS r
    UNION ALL
    SELECT
        5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.from_seq,
        CASE WHEN s.to_seq <= $2 THEN s.to_seq END, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, s.revoke_mode
    FROM camunda_settings_history AS s
    WHERE $9 IS NOT NULL AND s.tenant = $1 AND s.from_seq <= $2
) AS z
ORDER BY
    z.part, z.linked_key, z.named_in, z.realm, z.user_key, z.role_key NULLS FIRST,
    z.permission_key, z.opened_seq;
