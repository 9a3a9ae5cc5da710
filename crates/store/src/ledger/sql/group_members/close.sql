-- store.ledger.group_members.close
WITH written AS (
    UPDATE group_members_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS wanted (tenant, user_key, group_key, from_seq, to_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM group_members_history AS stored
        WHERE stored.tenant = wanted.tenant AND stored.user_key = wanted.user_key AND stored.group_key = wanted.group_key
            AND stored.from_seq = wanted.from_seq
            AND stored.to_seq IS NULL
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'group_members.close')
FROM written
