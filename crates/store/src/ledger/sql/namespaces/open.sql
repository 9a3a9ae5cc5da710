-- store.ledger.namespaces.open
INSERT INTO namespaces_history (tenant, key, from_seq, to_seq, realm, id, identifier, name, settings, system, declared)
SELECT tenant, key, from_seq, to_seq, realm, id, identifier, name, settings, system, declared
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[])
    AS wanted (tenant, key, from_seq, to_seq, realm, id, identifier, name, settings, system, declared)
