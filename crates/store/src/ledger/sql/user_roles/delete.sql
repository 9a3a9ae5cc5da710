-- store.ledger.user_roles.delete
WITH written AS (
    DELETE FROM user_roles AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, user_key, role_key, before_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM user_roles AS stored
        WHERE stored.tenant = wanted.tenant AND stored.user_key = wanted.user_key AND stored.role_key = wanted.role_key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'user_roles.delete')
FROM written
