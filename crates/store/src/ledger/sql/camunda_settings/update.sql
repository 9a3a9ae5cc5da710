-- store.ledger.camunda_settings.update
WITH written AS (
    UPDATE camunda_settings AS current
    SET
        revoke_mode = wanted.revoke_mode,
        changed_seq = wanted.changed_seq
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])
        AS wanted (tenant, before_seq, revoke_mode, changed_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM camunda_settings AS stored
        WHERE stored.tenant = wanted.tenant
            AND stored.changed_seq = wanted.before_seq
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'camunda_settings.update')
FROM written
