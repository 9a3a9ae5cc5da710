-- store.ledger.permissions.open
INSERT INTO permissions_history (tenant, key, from_seq, to_seq, namespace_key, name, description, ordinal, id, category)
SELECT tenant, key, from_seq, to_seq, namespace_key, name, description, ordinal, id, category
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::text[])
    AS wanted (tenant, key, from_seq, to_seq, namespace_key, name, description, ordinal, id, category)
