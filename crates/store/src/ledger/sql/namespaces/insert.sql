-- store.ledger.namespaces.insert
INSERT INTO namespaces (tenant, key, realm, id, identifier, name, settings, system, declared, changed_seq)
SELECT tenant, key, realm, id, identifier, name, settings, system, declared, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::boolean[], $10::bigint[])
    AS wanted (tenant, key, realm, id, identifier, name, settings, system, declared, changed_seq)
