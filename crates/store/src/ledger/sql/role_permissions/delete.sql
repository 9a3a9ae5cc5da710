-- store.ledger.role_permissions.delete
WITH written AS (
    DELETE FROM role_permissions AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, role_key, permission_key, before_seq)
    WHERE current.tenant = wanted.tenant AND current.role_key = wanted.role_key AND current.permission_key = wanted.permission_key
        AND current.changed_seq = wanted.before_seq
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'role_permissions.delete')
FROM written
