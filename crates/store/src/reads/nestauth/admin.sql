-- store.reads.nestauth.admin
-- $1 tenant, $2 id
SELECT a.key, a.id, a.email, a.name, a.password, a.token_version, a.metadata,
    c.log_time AS created_at, u.log_time AS changed_at,
    l.last_login_at
FROM admins a
JOIN entry_position c ON c.tenant = a.tenant AND c.tenant_seq = a.key >> 20
JOIN entry_position u ON u.tenant = a.tenant AND u.tenant_seq = a.changed_seq
LEFT JOIN admin_login l ON l.tenant = a.tenant AND l.admin_key = a.key
WHERE a.tenant = $1 AND a.id = $2
