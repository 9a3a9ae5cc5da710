-- store.rebuild.dropped
-- The largest table first; within a table what rests on a constraint first. The parts of a table
-- count for it.
SELECT r.relation, r.make
FROM ledger_rebuild AS r
CROSS JOIN LATERAL (
    SELECT coalesce(
        (SELECT sum(pg_relation_size(t.relid)) FROM pg_partition_tree(r.relation::regclass) AS t),
        pg_relation_size(r.relation::regclass)
    ) AS bytes
) AS s
ORDER BY s.bytes DESC, r.relation, r.make LIKE 'CREATE%', r.name
