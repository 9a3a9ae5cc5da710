-- store.ledger.admins.open
INSERT INTO admins_history (tenant, key, from_seq, to_seq, id, email, name, password, token_version, metadata)
SELECT tenant, key, from_seq, to_seq, id, email, name, password, token_version, metadata
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[])
    AS wanted (tenant, key, from_seq, to_seq, id, email, name, password, token_version, metadata)
