-- store.ledger.users.insert
INSERT INTO users (tenant, key, realm, id, profile, changed_seq)
SELECT tenant, key, realm, id, profile, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::bigint[])
    AS wanted (tenant, key, realm, id, profile, changed_seq)
