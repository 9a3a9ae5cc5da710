-- What is there: an API with two scopes, one without a list, 55 roles, three users.
-- The entries of writes are 20; history is as of that entry.
INSERT INTO tenant_head (tenant, partition, tenant_seq, chain8, log_time) VALUES
    ('acme', 0, 12, '\x0000000000000000', '2026-01-12 00:00:00Z');
INSERT INTO entry_position (tenant, tenant_seq, partition, seq, log_time) VALUES
    ('acme', 1, 0, 1, '2026-01-01 00:00:00Z'),
    ('acme', 20, 0, 20, '2026-01-20 00:00:00Z');
INSERT INTO namespaces (tenant, key, realm, id, identifier, name, settings, system, declared, changed_seq) VALUES
    ('acme', 1048576, 1, '64f000000000000000000001', 'https://a/', 'A',
        '{"allow_offline_access":false,"enforce_policies":true,"signing_alg":"RS256","token_lifetime":86400,"zone":"eu"}',
        false, true, 5),
    ('acme', 1048577, 1, '64f000000000000000000002', 'https://b/', NULL, '{}', false, false, 1),
    ('acme', 1048578, 1, '64f000000000000000000003', 'urn:system', 'System', '{}', true, true, 1);
INSERT INTO permissions (tenant, key, namespace_key, name, description, ordinal, changed_seq) VALUES
    ('acme', 201, 1048576, 'write:x', NULL, 0, 1),
    ('acme', 202, 1048576, 'read:x', 'Read it', 1, 1),
    ('acme', 203, 1048576, 'admin:x', '', 2, 1);
INSERT INTO roles (tenant, key, realm, id, name, description, changed_seq) VALUES
    ('acme', 301, 1, 'rol_reader', 'Reader', NULL, 1),
    ('acme', 302, 1, 'rol_admin', 'Admin', 'All', 1);
INSERT INTO roles (tenant, key, realm, id, name, description, changed_seq)
    SELECT 'acme', 1000 + n, 1, 'rol_' || n, 'zz' || to_char(n, 'FM00'), NULL, 1
    FROM generate_series(1, 53) n;
INSERT INTO users (tenant, key, realm, id, profile, changed_seq) VALUES
    ('acme', 1048577, 1, 'auth0|a', '{"email":"a@x.org","email_verified":false,"name":"Ann","user_metadata":{},"user_metadata.lang":"de"}', 20),
    ('acme', 1048578, 1, 'auth0|b', '{"email":"b@x.org","name":"Bob","picture":"https://p/"}', 1),
    ('acme', 1048579, 1, 'auth0|c', '{}', 1);
INSERT INTO role_permissions (tenant, role_key, permission_key, changed_seq) VALUES
    ('acme', 301, 201, 1), ('acme', 301, 202, 1), ('acme', 302, 202, 1);
INSERT INTO user_permissions (tenant, user_key, permission_key, changed_seq) VALUES
    ('acme', 1048577, 202, 1), ('acme', 1048577, 203, 1);
INSERT INTO user_roles (tenant, user_key, role_key, changed_seq) VALUES
    ('acme', 1048577, 301, 7), ('acme', 1048577, 302, 7),
    ('acme', 1048578, 301, 3), ('acme', 1048579, 301, 7);
-- As of entry 20: what the writes of the tests are answered from. Their ids are minted from zeros.
INSERT INTO namespaces_history (tenant, key, from_seq, to_seq, realm, id, identifier, name, settings, system, declared) VALUES
    ('acme', 1048576, 1, 20, 1, '64f000000000000000000001', 'https://a/', 'Before', '{}', false, true),
    ('acme', 1048576, 20, 21, 1, '64f000000000000000000001', 'https://a/', 'A', '{"signing_alg":"RS256"}', false, true),
    ('acme', 1048576, 21, NULL, 1, '64f000000000000000000001', 'https://a/', 'After', '{}', false, true),
    ('acme', 20971520, 20, NULL, 1, '670d1db50000000000000000', 'https://new/', NULL, '{"token_lifetime":86400}', false, false),
    ('acme', 20971521, 20, NULL, 1, 'first', 'https://first/', NULL, '{}', false, false);
INSERT INTO permissions_history (tenant, key, from_seq, to_seq, namespace_key, name, description, ordinal) VALUES
    ('acme', 202, 1, NULL, 1048576, 'read:x', 'Read it', 0);
INSERT INTO roles_history (tenant, key, from_seq, to_seq, realm, id, name, description) VALUES
    ('acme', 301, 1, NULL, 1, 'rol_reader', 'Reader', NULL),
    ('acme', 20971520, 20, 21, 1, 'rol_0000000000000000', 'New', NULL);
INSERT INTO users_history (tenant, key, from_seq, to_seq, realm, id, profile) VALUES
    ('acme', 1048577, 20, NULL, 1, 'auth0|a', '{"email":"a@x.org"}'),
    ('acme', 20971520, 20, NULL, 1, 'auth0|new', '{"email":"n@x.org"}');
INSERT INTO entry_noun (tenant, realm, kind, id, tenant_seq, changed) VALUES
    ('acme', 1, 1, 'https://a/', 5, true),
    ('acme', 1, 1, 'https://a/', 9, false),
    ('acme', 1, 1, 'https://a/', 20, true);
