-- store.ledger.entries.nouns
INSERT INTO entry_noun (tenant, realm, kind, id, tenant_seq, changed)
SELECT tenant, realm, kind, id, tenant_seq, changed
FROM unnest($1::text[], $2::smallint[], $3::smallint[], $4::text[], $5::bigint[], $6::boolean[])
    AS wanted (tenant, realm, kind, id, tenant_seq, changed)
