-- store.ledger.linked_subjects.delete
WITH written AS (
    DELETE FROM linked_subjects AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[])
        AS wanted (tenant, key, before_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM linked_subjects AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'linked_subjects.delete')
FROM written
