-- store.ledger.permissions.insert
INSERT INTO permissions (tenant, key, namespace_key, name, description, ordinal, id, category, changed_seq)
SELECT tenant, key, namespace_key, name, description, ordinal, id, category, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::bigint[])
    AS wanted (tenant, key, namespace_key, name, description, ordinal, id, category, changed_seq)
