-- store.ledger.role_permissions.delete
WITH written AS (
    DELETE FROM role_permissions AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, role_key, permission_key, before_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM role_permissions AS stored
        WHERE stored.tenant = wanted.tenant AND stored.role_key = wanted.role_key AND stored.permission_key = wanted.permission_key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'role_permissions.delete')
FROM written
