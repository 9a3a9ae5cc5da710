-- store.ledger.namespaces.delete
WITH written AS (
    DELETE FROM namespaces AS current
    USING unnest($1::text[], $2::bigint[], $3::bigint[])
        AS wanted (tenant, key, before_seq)
    WHERE current.tenant = wanted.tenant AND current.key = wanted.key
        AND current.changed_seq = wanted.before_seq
    RETURNING 1
)
SELECT assert_rows(count(*), cardinality($1)::bigint, 'namespaces.delete')
FROM written
