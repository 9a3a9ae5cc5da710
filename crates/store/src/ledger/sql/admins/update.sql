-- store.ledger.admins.update
WITH written AS (
    UPDATE admins AS current
    SET
        id = wanted.id,
        email = wanted.email,
        name = wanted.name,
        password = wanted.password,
        token_version = wanted.token_version,
        metadata = wanted.metadata,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bigint[])
        AS wanted (tenant, key, before_seq, id, email, name, password, token_version, metadata, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM admins AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'admins.update')
FROM written
