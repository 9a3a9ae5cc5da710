-- store.ledger.role_permissions.open
INSERT INTO role_permissions_history (tenant, role_key, permission_key, from_seq, to_seq)
SELECT tenant, role_key, permission_key, from_seq, to_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS wanted (tenant, role_key, permission_key, from_seq, to_seq)
