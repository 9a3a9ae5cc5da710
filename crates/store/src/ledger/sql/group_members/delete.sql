-- store.ledger.group_members.delete
WITH written AS (
    DELETE FROM group_members AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, user_key, group_key, before_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM group_members AS stored
        WHERE stored.tenant = wanted.tenant AND stored.user_key = wanted.user_key AND stored.group_key = wanted.group_key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'group_members.delete')
FROM written
