-- store.ledger.user_permissions.insert
INSERT INTO user_permissions (tenant, user_key, permission_key, changed_seq)
SELECT tenant, user_key, permission_key, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
    AS wanted (tenant, user_key, permission_key, changed_seq)
