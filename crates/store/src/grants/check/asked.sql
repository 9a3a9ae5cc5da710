-- At least one row: where the ledger stands. Beside it, for each question, one row for each subject
-- that an edge of the realm lets, and every authorization that may decide in Camunda's.
-- A direct grant comes before one by a role, an older role before a newer one.
-- $2 questions, $3 subjects, $4 realms in which they are known, $5 realms whose rules answer (a bit
-- for each number), $6 permissions, $7 resources; Camunda's $8 bits, null where it cannot answer,
-- $9 resource types, $10 resource ids, $11 realm.
-- SUBTLE: some keys are ranges, not equalities, so that only the index that begins with them has
-- the order: planned over an empty table, any index costs the same.
SELECT
    h.tenant_seq, h.chain8, h.log_time,
    y.question, y.realm, y.subject, y.linked_key, y.role_id,
    y.kind, y.user_id, y.group_id, y.group_key, y.resource_id, y.permissions, y.revoke_mode,
    y.has_revoke, y.opened_seq, y.opened_partition, y.opened_position, y.opened_at
FROM tenant_head AS h
LEFT JOIN LATERAL (
    SELECT
        w.question, w.linked_key, w.subject, x.*,
        o.opened_partition, o.opened_position, o.opened_at
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
            SELECT o.realm, o.subject, o.key, min(greatest(m.changed_seq, o.changed_seq))
            FROM (
                SELECT t.link_key, t.changed_seq
                FROM linked_subjects AS t
                WHERE
                    t.tenant = $1 AND t.subject >= q.named AND t.subject <= q.named
                    AND q.known >> t.realm & 1 = 1
                ORDER BY t.subject
                OFFSET 0
            ) AS m
            CROSS JOIN LATERAL (
                SELECT t.key, t.realm, t.subject, t.changed_seq
                FROM linked_subjects AS t
                WHERE t.tenant = $1 AND t.link_key >= m.link_key AND t.link_key <= m.link_key
                ORDER BY t.link_key, t.key
                OFFSET 0
            ) AS o
            WHERE
                q.answering >> o.realm & 1 = 1
                AND NOT (o.subject = q.named AND q.known >> o.realm & 1 = 1)
            GROUP BY o.realm, o.subject, o.key
        ) AS s
        OFFSET 0
    ) AS w
    CROSS JOIN LATERAL (
