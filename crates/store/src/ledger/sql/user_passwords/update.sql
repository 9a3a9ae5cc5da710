-- store.ledger.user_passwords.update
WITH written AS (
    UPDATE user_passwords AS current
    SET
        hash = wanted.hash,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
        AS wanted (tenant, user_key, before_seq, hash, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM user_passwords AS stored
        WHERE stored.tenant = wanted.tenant AND stored.user_key = wanted.user_key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'user_passwords.update')
FROM written
