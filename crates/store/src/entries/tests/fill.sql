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
-- Camunda's: 4,000 users in 5 of 100 groups each; a row for each user, 40 for each group, and 20 for
-- everyone; each third is a revoke.
INSERT INTO users
SELECT 'default', (6000 + n)::bigint << 20, 3, 'user ' || n, '{}', 6000 + n FROM generate_series(1, 4000) AS n;
INSERT INTO groups
SELECT 'default', (50000 + n)::bigint << 20, 3, 'group ' || n, NULL, NULL, 500 + n FROM generate_series(1, 100) AS n;
INSERT INTO group_members
SELECT 'default', (6000 + u)::bigint << 20, (50001 + (u * 7 + g) % 100)::bigint << 20, 11000 + u
FROM generate_series(1, 4000) AS u, generate_series(1, 5) AS g;
INSERT INTO authorizations
SELECT 'default', (60000 + u)::bigint << 20, 'of user ' || u, 1 + (u % 3) / 2, 'user ' || u, NULL, 1 + u % 20, 'x' || u % 7, 6, 16000 + u
FROM generate_series(1, 4000) AS u;
INSERT INTO authorizations
SELECT
    'default', (70000 + g * 40 + n)::bigint << 20, 'of group ' || g || ' ' || n, 1 + (n % 3) / 2, NULL, 'group ' || g, 1 + n % 20,
    'x' || n / 20, 6, 21000 + g
FROM generate_series(1, 100) AS g, generate_series(1, 40) AS n;
INSERT INTO authorizations
SELECT 'default', (80000 + n)::bigint << 20, 'of all ' || n, 0, '*', NULL, n, '*', 2, 25000 + n FROM generate_series(1, 20) AS n;
INSERT INTO linked_subjects
SELECT 'default', ((90000 + n)::bigint << 20) + r, (90000 + n)::bigint << 20, 1 + 2 * r, 'user ' || n, 26000 + n
FROM generate_series(1, 1000) AS n, generate_series(0, 1) AS r;
INSERT INTO groups_history
SELECT tenant, key, changed_seq, NULL, realm, id, name, kind FROM groups;
INSERT INTO group_members_history
SELECT tenant, user_key, group_key, changed_seq + d * 100, CASE WHEN d = 0 THEN changed_seq + 50 END
FROM group_members, generate_series(0, 1) AS d;
INSERT INTO authorizations_history
SELECT
    tenant, key, changed_seq + d * 100, CASE WHEN d = 0 THEN changed_seq + 50 END,
    id, kind, user_id, group_id, resource_type, resource_id, permissions
FROM authorizations, generate_series(0, 1) AS d;
INSERT INTO linked_subjects_history
SELECT tenant, key, changed_seq, NULL, link_key, realm, subject FROM linked_subjects;
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
