-- store.ledger.user_roles.close
WITH written AS (
    UPDATE user_roles_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS wanted (tenant, user_key, role_key, from_seq, to_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM user_roles_history AS stored
        WHERE stored.tenant = wanted.tenant AND stored.user_key = wanted.user_key AND stored.role_key = wanted.role_key
            AND stored.from_seq = wanted.from_seq
            AND stored.to_seq IS NULL
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'user_roles.close')
FROM written
