-- store.ledger.user_passwords.insert
INSERT INTO user_passwords (tenant, user_key, hash, changed_seq)
SELECT tenant, user_key, hash, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])
    AS wanted (tenant, user_key, hash, changed_seq)
