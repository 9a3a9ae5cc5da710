-- store.ledger.users.open
INSERT INTO users_history (tenant, key, from_seq, to_seq, realm, id, profile)
SELECT tenant, key, from_seq, to_seq, realm, id, profile
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::text[], $7::text[])
    AS wanted (tenant, key, from_seq, to_seq, realm, id, profile)
