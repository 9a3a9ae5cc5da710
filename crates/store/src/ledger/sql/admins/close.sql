-- store.ledger.admins.close
WITH written AS (
    UPDATE admins_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS wanted (tenant, key, from_seq, to_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM admins_history AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.from_seq = wanted.from_seq
            AND stored.to_seq IS NULL
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'admins.close')
FROM written
