-- store.ledger.authorizations.update
WITH written AS (
    UPDATE authorizations AS current
    SET
        id = wanted.id,
        kind = wanted.kind,
        user_id = wanted.user_id,
        group_id = wanted.group_id,
        resource_type = wanted.resource_type,
        resource_id = wanted.resource_id,
        permissions = wanted.permissions,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::integer[], $11::bigint[])
        AS wanted (tenant, key, before_seq, id, kind, user_id, group_id, resource_type, resource_id, permissions, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM authorizations AS stored
        WHERE stored.tenant = wanted.tenant AND stored.key = wanted.key
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'authorizations.update')
FROM written
