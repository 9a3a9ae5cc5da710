-- Nest Auth: permissions with ids, roles in guards, admins; and who is linked with whom.
--
-- Realm 4 is nestauth; kinds of noun 20 permission, 21 admin.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- A permission's public id and what it is listed under; null where its realm has neither.
ALTER TABLE permissions ADD COLUMN id text COLLATE "C" NULL;
ALTER TABLE permissions ADD COLUMN category text COLLATE "C" NULL;
ALTER TABLE permissions_history ADD COLUMN id text COLLATE "C" NULL;
ALTER TABLE permissions_history ADD COLUMN category text COLLATE "C" NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX permissions_id ON permissions (tenant, id) WHERE id IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX permissions_history_id ON permissions_history (tenant, id, from_seq)
    WHERE id IS NOT NULL;

-- Two permissions may swap their names within a batch, whose net effect is one UPDATE: so the
-- names are compared when the statement has ended, not row by row.
-- squawk-ignore ban-drop-constraint
ALTER TABLE permissions DROP CONSTRAINT permissions_name;
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
ALTER TABLE permissions ADD CONSTRAINT permissions_name
    UNIQUE (tenant, namespace_key, name) DEFERRABLE INITIALLY IMMEDIATE;

-- A role's guard, null where its realm has none, and its flags; saved_seq is the entry that saved
-- it as it was.
ALTER TABLE roles ADD COLUMN guard text COLLATE "C" NULL;
ALTER TABLE roles ADD COLUMN system boolean NOT NULL DEFAULT false;
ALTER TABLE roles ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE roles ADD COLUMN saved_seq bigint NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX roles_guard_name ON roles (tenant, name, guard, realm) WHERE guard IS NOT NULL;
ALTER TABLE roles_history ADD COLUMN guard text COLLATE "C" NULL;
ALTER TABLE roles_history ADD COLUMN system boolean NOT NULL DEFAULT false;
ALTER TABLE roles_history ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE roles_history ADD COLUMN saved_seq bigint NULL;

-- Admins of Nest Auth's console. Fed by AdminCreated, AdminPasswordChanged, AdminSessionsEnded,
-- AdminDeleted.
CREATE TABLE admins (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    password text COLLATE "C" NOT NULL,
    token_version bigint NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT admins_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT admins_id UNIQUE (tenant, id),
    CONSTRAINT admins_email UNIQUE (tenant, email)
);

CREATE TABLE admins_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    id text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    password text COLLATE "C" NOT NULL,
    token_version bigint NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    CONSTRAINT admins_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX admins_history_id ON admins_history (tenant, id, from_seq);

-- When an admin signed in last. Not of the ledger: logins are no commands, no entry says so, no
-- digest covers it, and a rebuild begins without it. Mutable.
CREATE TABLE admin_login (
    tenant text COLLATE "C" NOT NULL,
    admin_key bigint NOT NULL,
    last_login_at timestamptz NOT NULL,
    CONSTRAINT admin_login_pkey PRIMARY KEY (tenant, admin_key)
);

-- Who is the same person: subjects with one link_key. Fed by SubjectLinked, SubjectUnlinked; a row
-- never changes.
CREATE TABLE linked_subjects (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    link_key bigint NOT NULL,
    realm smallint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT linked_subjects_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT linked_subjects_subject UNIQUE (tenant, subject, realm)
);
CREATE INDEX linked_subjects_link ON linked_subjects (tenant, link_key, key);

CREATE TABLE linked_subjects_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    link_key bigint NOT NULL,
    realm smallint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    CONSTRAINT linked_subjects_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX linked_subjects_history_subject
    ON linked_subjects_history (tenant, subject, realm, from_seq);
CREATE INDEX linked_subjects_history_link ON linked_subjects_history (tenant, link_key, from_seq);
