-- store.ledger.groups.update
WITH written AS (
    UPDATE groups AS current
    SET
        realm = wanted.realm,
        id = wanted.id,
        name = wanted.name,
        kind = wanted.kind,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::bigint[])
        AS wanted (tenant, key, before_seq, realm, id, name, kind, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM groups AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'groups.update')
FROM written
