-- Entries of acme: 1 makes all, 5 renames an API and defines `write`, 6 renames a role,
-- 7 assigns, 9 deletes an API, a role and a user and removes a permission; nothing was swept.
INSERT INTO namespaces (tenant, key, realm, id, identifier, name, settings, system, declared, changed_seq) VALUES
    ('acme', 101, 1, 'api1', 'https://a/', 'A', '{"token_lifetime":86400}', false, true, 5),
    ('acme', 102, 1, 'api2', 'https://empty/', NULL, '{}', false, true, 1),
    ('acme', 103, 1, 'api3', 'api2', NULL, '{}', false, false, 1),
    ('other', 101, 1, 'api9', 'https://other/', 'O', '{}', false, false, 1),
    ('acme', 109, 2, 'native', 'https://native/', 'N', '{}', false, false, 1);
INSERT INTO permissions (tenant, key, namespace_key, name, description, ordinal, changed_seq) VALUES
    ('acme', 201, 101, 'read', 'Read it', 1, 1),
    ('acme', 202, 101, 'write', NULL, 0, 5),
    ('acme', 204, 999, 'lost', NULL, 0, 1),
    ('other', 201, 101, 'read', NULL, 0, 1);
INSERT INTO roles (tenant, key, realm, id, name, description, changed_seq) VALUES
    ('acme', 301, 1, 'rol_r', 'Reader', '', 6),
    ('acme', 302, 1, 'rol_a', 'Admin', NULL, 1),
    ('acme', 303, 1, 'rol_o', 'read_only', NULL, 1),
    ('acme', 304, 1, 'rol_s', 'read_osnly', NULL, 1),
    ('acme', 305, 2, 'rol_n', 'Native reader', NULL, 1),
    ('other', 301, 1, 'rol_x', 'Reader', NULL, 1);
INSERT INTO users (tenant, key, realm, id, profile, changed_seq) VALUES
    ('acme', 401, 1, 'auth0|a', '{"email":"a@x"}', 1),
    ('acme', 1048577, 1, 'auth0|b', '{"email":"b@x"}', 4),
    ('acme', 403, 1, 'auth0|c', '{}', 1);
INSERT INTO role_permissions (tenant, role_key, permission_key, changed_seq) VALUES
    ('acme', 301, 201, 1), ('acme', 301, 202, 5),
    ('acme', 301, 203, 1), ('acme', 301, 204, 1),
    ('acme', 302, 201, 1), ('acme', 399, 202, 1);
INSERT INTO user_permissions (tenant, user_key, permission_key, changed_seq) VALUES
    ('acme', 401, 201, 1), ('acme', 401, 203, 1), ('acme', 401, 204, 1);
INSERT INTO user_roles (tenant, user_key, role_key, changed_seq) VALUES
    ('acme', 1048577, 301, 1), ('acme', 403, 301, 7), ('acme', 401, 301, 7), ('acme', 499, 301, 7),
    ('acme', 401, 302, 7), ('acme', 401, 399, 7);
INSERT INTO namespaces_history (tenant, key, from_seq, to_seq, realm, id, identifier, name, settings, system, declared) VALUES
    ('acme', 101, 1, 5, 1, 'api1', 'https://a/', 'Old', '{}', false, true),
    ('acme', 101, 5, NULL, 1, 'api1', 'https://a/', 'A', '{"token_lifetime":86400}', false, true),
    ('acme', 999, 1, 9, 1, 'api0', 'https://gone/', 'Gone', '{}', false, true);
INSERT INTO permissions_history (tenant, key, from_seq, to_seq, namespace_key, name, description, ordinal) VALUES
    ('acme', 201, 1, 5, 101, 'read', 'Read it', 0),
    ('acme', 201, 5, NULL, 101, 'read', 'Read it', 1),
    ('acme', 202, 5, NULL, 101, 'write', NULL, 0),
    ('acme', 204, 1, NULL, 999, 'lost', NULL, 0);
INSERT INTO roles_history (tenant, key, from_seq, to_seq, realm, id, name, description) VALUES
    ('acme', 301, 1, 6, 1, 'rol_r', 'Before', NULL),
    ('acme', 301, 6, NULL, 1, 'rol_r', 'Reader', ''),
    ('acme', 399, 1, 9, 1, 'rol_gone', 'Gone', NULL);
INSERT INTO users_history (tenant, key, from_seq, to_seq, realm, id, profile) VALUES
    ('acme', 401, 1, NULL, 1, 'auth0|a', '{"email":"a@x"}'),
    ('acme', 1048577, 1, 4, 1, 'auth0|b', '{}'),
    ('acme', 499, 1, 9, 1, 'auth0|gone', '{}');
INSERT INTO entry_noun (tenant, realm, kind, id, tenant_seq, changed) VALUES
    ('acme', 1, 1, 'https://a/', 1, true),
    ('acme', 1, 1, 'https://a/', 5, true),
    ('acme', 1, 1, 'https://a/', 8, false);
INSERT INTO entry_position (tenant, tenant_seq, partition, seq, log_time) VALUES
    ('acme', 1, 0, 1, '2026-01-01 00:00:00Z'),
    ('acme', 4, 0, 9, '2026-01-04 00:00:00Z');
