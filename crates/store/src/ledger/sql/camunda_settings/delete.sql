-- store.ledger.camunda_settings.delete
WITH written AS (
    DELETE FROM camunda_settings AS current
    USING unnest($1::text[], $2::bigint[])
        AS wanted (tenant, before_seq)
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
SELECT assert_rows(count(*), cardinality($1)::bigint, 'camunda_settings.delete')
FROM written
