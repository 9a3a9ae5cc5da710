-- store.ledger.roles.update
WITH written AS (
    UPDATE roles AS current
    SET
        realm = wanted.realm,
        id = wanted.id,
        name = wanted.name,
        description = wanted.description,
        guard = wanted.guard,
        system = wanted.system,
        active = wanted.active,
        saved_seq = wanted.saved_seq,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::boolean[], $11::bigint[], $12::bigint[])
        AS wanted (tenant, key, before_seq, realm, id, name, description, guard, system, active, saved_seq, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM roles AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'roles.update')
FROM written
