-- store.ledger.user_roles.delete
WITH written AS (
    DELETE FROM user_roles AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, user_key, role_key, before_seq)
    WHERE current.tenant = wanted.tenant AND current.user_key = wanted.user_key AND current.role_key = wanted.role_key
        AND current.changed_seq = wanted.before_seq
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'user_roles.delete')
FROM written
