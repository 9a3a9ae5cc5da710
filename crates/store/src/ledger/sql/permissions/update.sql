-- store.ledger.permissions.update
WITH written AS (
    UPDATE permissions AS current
    SET
        namespace_key = wanted.namespace_key,
        name = wanted.name,
        description = wanted.description,
        ordinal = wanted.ordinal,
        id = wanted.id,
        category = wanted.category,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::text[], $10::bigint[])
        AS wanted (tenant, key, before_seq, namespace_key, name, description, ordinal, id, category, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM permissions AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'permissions.update')
FROM written
