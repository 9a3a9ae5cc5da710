-- store.ledger.user_passwords.open
INSERT INTO user_passwords_history (tenant, user_key, from_seq, to_seq, hash)
SELECT tenant, user_key, from_seq, to_seq, hash
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
    AS wanted (tenant, user_key, from_seq, to_seq, hash)
