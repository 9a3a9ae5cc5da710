-- store.ledger.role_permissions.insert
INSERT INTO role_permissions (tenant, role_key, permission_key, changed_seq)
SELECT tenant, role_key, permission_key, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
    AS wanted (tenant, role_key, permission_key, changed_seq)
