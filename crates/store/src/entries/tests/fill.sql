-- 4,000 users, 400 roles, 40 APIs of 100 permissions: each user has 5 roles and holds 2 permissions,
-- each role holds 20; everything that can be was once there before.
INSERT INTO tenant_head VALUES ('default', 0, 40000, '\x0000000000000000', '2026-01-01');
INSERT INTO entry_position
SELECT 'default', n, 0, n, '2025-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 40000) AS n;
INSERT INTO ledger_entry
SELECT
    0, n, 'default', n, n - 1, '2025-01-01'::timestamptz + n * interval '1 second', NULL, 'kind',
    'actor ' || n % 100, 'applied', '{"type":"applied"}', '[]', '', '', '', 1, '', ''
FROM generate_series(1, 40000) AS n;
INSERT INTO namespaces
SELECT 'default', n << 20, 1, 'api ' || n, 'https://' || n, NULL, '{}', false, true, n
FROM generate_series(1, 40) AS n;
INSERT INTO permissions
SELECT 'default', (n << 20) + p, n << 20, 'p' || p, NULL, p, n
FROM generate_series(1, 40) AS n, generate_series(1, 100) AS p;
INSERT INTO roles
SELECT 'default', (100 + n) << 20, 1, 'role ' || n, 'role ' || n, NULL, 100 + n FROM generate_series(1, 400) AS n;
INSERT INTO users
SELECT 'default', (1000 + n) << 20, 1, 'user ' || n, '{}', 1000 + n FROM generate_series(1, 4000) AS n;
INSERT INTO role_permissions
SELECT 'default', (100 + r) << 20, ((1 + (r + p) % 40) << 20) + 1 + (r * 7 + p) % 100, 10000 + r
FROM generate_series(1, 400) AS r, generate_series(1, 20) AS p;
INSERT INTO user_permissions
SELECT 'default', (1000 + u) << 20, ((1 + (u + p) % 40) << 20) + 1 + (u * 3 + p) % 100, 20000 + u
FROM generate_series(1, 4000) AS u, generate_series(1, 2) AS p;
INSERT INTO user_roles
SELECT 'default', (1000 + u) << 20, (101 + (u * 11 + r) % 400) << 20, 30000 + u
FROM generate_series(1, 4000) AS u, generate_series(1, 5) AS r;
INSERT INTO namespaces_history
SELECT tenant, key, changed_seq, NULL, realm, id, identifier, name, settings, system, declared FROM namespaces;
INSERT INTO permissions_history
SELECT tenant, key, changed_seq, NULL, namespace_key, name, description, ordinal FROM permissions;
INSERT INTO roles_history
SELECT tenant, key, changed_seq, NULL, realm, id, name, description FROM roles;
INSERT INTO users_history
SELECT tenant, key, changed_seq, NULL, realm, id, profile FROM users;
INSERT INTO role_permissions_history
SELECT tenant, role_key, permission_key, changed_seq + d * 100, CASE WHEN d = 0 THEN changed_seq + 50 END
FROM role_permissions, generate_series(0, 1) AS d;
INSERT INTO user_permissions_history
SELECT tenant, user_key, permission_key, changed_seq + d * 100, CASE WHEN d = 0 THEN changed_seq + 50 END
FROM user_permissions, generate_series(0, 1) AS d;
INSERT INTO user_roles_history
SELECT tenant, user_key, role_key, changed_seq + d * 100, CASE WHEN d = 0 THEN changed_seq + 50 END
FROM user_roles, generate_series(0, 1) AS d;
INSERT INTO entry_noun
SELECT 'default', 1, 3, 'user ' || n % 4000, n, true FROM generate_series(1, 40000) AS n;
ANALYZE;
