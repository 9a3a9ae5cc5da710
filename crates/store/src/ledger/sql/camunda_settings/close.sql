-- store.ledger.camunda_settings.close
WITH written AS (
    UPDATE camunda_settings_history AS current
    SET to_seq = wanted.to_seq
    FROM unnest($1::text[], $2::bigint[], $3::bigint[])
        AS wanted (tenant, from_seq, to_seq)
    CROSS JOIN LATERAL (
        SELECT stored.ctid AS place
        FROM camunda_settings_history AS stored
        WHERE stored.tenant = wanted.tenant
            AND stored.from_seq = wanted.from_seq
            AND stored.to_seq IS NULL
        OFFSET 0
    ) AS found
    WHERE current.ctid = found.place
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'camunda_settings.close')
FROM written
