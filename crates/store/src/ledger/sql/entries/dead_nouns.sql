-- store.ledger.entries.dead_nouns
INSERT INTO dead_noun (partition, tenant, kind, key)
SELECT partition, tenant, kind, key
FROM unnest($1::integer[], $2::text[], $3::smallint[], $4::bigint[])
    AS wanted (partition, tenant, kind, key)
