-- store.ledger.user_roles.close
WITH written AS (
    UPDATE user_roles_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS wanted (tenant, user_key, role_key, from_seq, to_seq)
    WHERE current.tenant = wanted.tenant AND current.user_key = wanted.user_key AND current.role_key = wanted.role_key
        AND current.from_seq = wanted.from_seq
        AND current.to_seq IS NULL
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'user_roles.close')
FROM written
