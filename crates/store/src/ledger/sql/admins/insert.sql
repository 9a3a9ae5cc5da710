-- store.ledger.admins.insert
INSERT INTO admins (tenant, key, id, email, name, password, token_version, metadata, changed_seq)
SELECT tenant, key, id, email, name, password, token_version, metadata, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bigint[])
    AS wanted (tenant, key, id, email, name, password, token_version, metadata, changed_seq)
