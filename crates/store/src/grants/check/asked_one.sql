-- At least one row: where the ledger stands, and whether anybody is linked with the subject. Beside it,
-- as in the statement of many questions, what lets the subject itself: all of the answer if it is a
-- yes, or if nobody is linked. A plan costs what it has in it, used or not, and most are not linked.
-- $2 question, $3 subject, $4 realms in which it is known, $5 realms whose rules answer (a bit for
-- each number), $6 permission, $7 resource; Camunda's $8 bits, null where it cannot answer,
-- $9 resource type, $10 resource id, $11 realm.
SELECT
    h.tenant_seq, h.chain8, h.log_time,
    EXISTS (
        SELECT 1
        FROM linked_subjects AS t
        WHERE
            t.tenant = $1 AND t.subject >= $3::text AND t.subject <= $3::text
            AND $4::integer >> t.realm & 1 = 1
        ORDER BY t.subject
        OFFSET 0
    ) AS is_linked,
    y.question, y.realm, y.subject, y.linked_key, y.role_id,
    y.kind, y.user_id, y.group_id, y.group_key, y.resource_id, y.permissions, y.revoke_mode,
    y.has_revoke, y.opened_seq, y.opened_partition, y.opened_position, y.opened_at
FROM tenant_head AS h
LEFT JOIN LATERAL (
    SELECT
        w.question, w.linked_key, w.subject, x.*,
        o.opened_partition, o.opened_position, o.opened_at
    FROM (
        SELECT
            $2::integer AS question, $3::text AS subject, $4::integer AS known,
            $5::integer AS answering, $6::text AS permission, $7::text AS resource,
            $8::integer AS bits, $9::integer AS resource_type, $10::text AS resource_id,
            NULL::smallint AS in_realm, 0::bigint AS linked_key, 0::bigint AS linked_seq
    ) AS w
    CROSS JOIN LATERAL (
