-- store.ledger.user_permissions.open
INSERT INTO user_permissions_history (tenant, user_key, permission_key, from_seq, to_seq)
SELECT tenant, user_key, permission_key, from_seq, to_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS wanted (tenant, user_key, permission_key, from_seq, to_seq)
