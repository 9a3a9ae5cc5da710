-- store.ledger.roles.close
WITH written AS (
    UPDATE roles_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, key, from_seq, to_seq)
    WHERE current.tenant = wanted.tenant AND current.key = wanted.key
        AND current.from_seq = wanted.from_seq
        AND current.to_seq IS NULL
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'roles.close')
FROM written
