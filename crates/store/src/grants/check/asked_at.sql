-- For each question, one row for each subject that an edge of the realm lets as of $13, and every
-- authorization that may decide in Camunda's.
-- What changed how often does not matter: of a noun or an edge only the newest row at $13 is read.
-- The roles that a user ever had and those that ever held the permission are walked side by side:
-- each step goes to the next role of the one list and asks the other for the first that is not
-- before it, so there are no more steps than the shorter list has roles. Groups, and the places
-- where somebody ever had a revoke, are walked one by one.
-- $2 questions, $3 subjects, $4 realms in which they are known, $5 realms whose rules answer (a bit
-- for each number), $6 permissions, $7 resources; Camunda's $8 bits, null where it cannot answer,
-- $9 resource types, $10 resource ids, $11 realm;
-- $12 all realms, $13 as of.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
SELECT
    w.question, x.realm, w.subject, w.linked_key, x.role_id,
    x.kind, x.user_id, x.group_id, x.group_key, x.resource_id, x.permissions, x.revoke_mode,
    x.has_revoke, x.opened_seq, o.opened_partition, o.opened_position, o.opened_at
FROM (
    SELECT q.*, s.realm AS in_realm, s.subject, s.linked_key, s.linked_seq
    FROM unnest(
        $2::integer[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[],
        $8::integer[], $9::integer[], $10::text[]
    ) AS q (
        question, named, known, answering, permission, resource, bits, resource_type, resource_id
    )
    -- The subject itself, in whatever realm, and those who are the same person.
    CROSS JOIN LATERAL (
        SELECT NULL::smallint AS realm, q.named AS subject, 0::bigint AS linked_key, 0::bigint AS linked_seq
        UNION ALL
        SELECT b.realm, b.subject, o.key, min(greatest(m.from_seq, o.from_seq))
        FROM unnest($12::smallint[]) AS k (realm)
        CROSS JOIN LATERAL (
            SELECT x.link_key, x.from_seq
            FROM (
                SELECT t.link_key, t.from_seq, t.to_seq
                FROM linked_subjects_history AS t
                WHERE
                    t.tenant = $1 AND t.subject = q.named AND t.realm = k.realm
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS m
        CROSS JOIN LATERAL (
            WITH RECURSIVE walk (realm, subject) AS (
                SELECT 0::smallint, ''::text COLLATE "C"
                UNION ALL
                SELECT n.realm, n.subject
                FROM walk AS w
                CROSS JOIN LATERAL (
                    SELECT t.realm, t.subject
                    FROM linked_subjects_history AS t
                    WHERE
                        t.tenant = $1 AND t.link_key <= m.link_key
                        AND (t.link_key, t.realm, t.subject) > (m.link_key, w.realm, w.subject)
                    ORDER BY t.link_key, t.realm, t.subject
                    LIMIT 1
                ) AS n
            )
            SELECT w.realm, w.subject FROM walk AS w WHERE w.realm > 0
        ) AS b
        CROSS JOIN LATERAL (
            SELECT x.key, x.from_seq
            FROM (
                SELECT t.key, t.from_seq, t.to_seq
                FROM linked_subjects_history AS t
                WHERE
                    t.tenant = $1 AND t.link_key = m.link_key AND t.realm = b.realm
                    AND t.subject = b.subject
                    AND t.from_seq <= $13
                ORDER BY t.from_seq DESC
                LIMIT 1
            ) AS x
            WHERE x.to_seq IS NULL OR x.to_seq > $13
        ) AS o
        WHERE
            q.known >> k.realm & 1 = 1 AND q.answering >> b.realm & 1 = 1
            AND NOT (b.subject = q.named AND q.known >> b.realm & 1 = 1)
        GROUP BY b.realm, b.subject, o.key
    ) AS s
    OFFSET 0
) AS w
CROSS JOIN LATERAL (
