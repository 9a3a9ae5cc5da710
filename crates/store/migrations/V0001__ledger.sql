-- The ledger: cursor, entries, outcomes, current views, history.
--
-- Every table but the cursor is written by the projector's transaction alone; the sweep deletes
-- rows of current tables that nothing alive can reach. Text compares by bytes (COLLATE "C").
-- Realms and kinds of noun are small numbers: 1 auth0, 2 native; 1 api, 2 role, 3 user.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- Raises unless a write touched exactly the rows that were decided on. A COMMIT pipelined behind
-- it then rolls back: a row count that is only reported would not stop it.
CREATE FUNCTION assert_rows(actual bigint, expected bigint, statement text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF actual <> expected THEN
        RAISE EXCEPTION 'statement % touched % rows where % were decided on',
            statement, actual, expected USING ERRCODE = 'WR001';
    END IF;
    RETURN actual;
END
$$;

-- One row a partition, locked first and moved last by the transaction that decides. Mutable.
CREATE TABLE ledger_cursor (
    partition integer NOT NULL,
    -- The first offset that is not yet decided.
    next_offset bigint NOT NULL DEFAULT 0,
    -- The last seq given out.
    seq bigint NOT NULL DEFAULT 0,
    -- The chain hash of entry seq; 32 zero bytes before the first.
    chain bytea NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000',
    -- The clamped log time of entry seq.
    log_time timestamptz NOT NULL DEFAULT 'epoch',
    -- Hash of the record at next_offset - 1 as the log returned it, offset and time included.
    anchor bytea NULL,
    rules_version integer NOT NULL DEFAULT 1,
    owner text NULL,
    owner_epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT 'epoch',
    CONSTRAINT ledger_cursor_pkey PRIMARY KEY (partition)
);

-- One row an entry, for ever. Fed by every record of the log. Immutable.
CREATE TABLE ledger_entry (
    partition integer NOT NULL,
    seq bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    tenant_seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz NOT NULL,
    -- Null where the record could not be read.
    command_id uuid NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    -- The outcome whole, and the facts: canonical JSON as it was hashed.
    outcome_json text COLLATE "C" NOT NULL,
    facts_json text COLLATE "C" NOT NULL,
    record_key bytea NOT NULL,
    record_value bytea NOT NULL,
    record_headers bytea NOT NULL,
    rules_version integer NOT NULL,
    leaf bytea NOT NULL,
    chain bytea NOT NULL,
    CONSTRAINT ledger_entry_pkey PRIMARY KEY (partition, seq)
) PARTITION BY RANGE (seq);

-- Entries beyond the ranges made so far; the owner makes ranges ahead, so this stays empty.
CREATE TABLE ledger_entry_rest PARTITION OF ledger_entry DEFAULT;
CREATE TABLE ledger_entry_0 PARTITION OF ledger_entry FOR VALUES FROM (0) TO (10000000);

-- (tenant, tenant_seq) -> seq. Immutable.
CREATE TABLE entry_position (
    tenant text COLLATE "C" NOT NULL,
    tenant_seq bigint NOT NULL,
    partition integer NOT NULL,
    seq bigint NOT NULL,
    log_time timestamptz NOT NULL,
    CONSTRAINT entry_position_pkey PRIMARY KEY (tenant, tenant_seq)
);

-- The newest entry of each tenant: what `latest` means. Mutable.
CREATE TABLE tenant_head (
    tenant text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    tenant_seq bigint NOT NULL,
    -- The first 8 bytes of the chain hash of that entry.
    chain8 bytea NOT NULL,
    log_time timestamptz NOT NULL,
    CONSTRAINT tenant_head_pkey PRIMARY KEY (tenant)
);

-- Which entry decided a command. Fed by every readable record that is not a duplicate. Immutable.
CREATE TABLE command_outcome (
    tenant text COLLATE "C" NOT NULL,
    command_id uuid NOT NULL,
    tenant_seq bigint NOT NULL,
    CONSTRAINT command_outcome_pkey PRIMARY KEY (tenant, command_id)
);

-- Commands that a cancel reached first. Fed by CommandCancelled. Immutable.
CREATE TABLE cancelled_command (
    tenant text COLLATE "C" NOT NULL,
    command_id uuid NOT NULL,
    tenant_seq bigint NOT NULL,
    CONSTRAINT cancelled_command_pkey PRIMARY KEY (tenant, command_id)
);

-- Who used which idempotency key last. Fed by records that carry one. A row is replaced once the
-- key's life is over.
CREATE TABLE idempotency_key (
    tenant text COLLATE "C" NOT NULL,
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    tenant_seq bigint NOT NULL,
    log_time timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (tenant, caller, key)
);

-- Which entries concern a noun, by the name that was used: the index of history. `changed` says
-- whether the entry changed that noun (else it only named it). Immutable.
CREATE TABLE entry_noun (
    tenant text COLLATE "C" NOT NULL,
    realm smallint NOT NULL,
    kind smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    tenant_seq bigint NOT NULL,
    changed boolean NOT NULL,
    CONSTRAINT entry_noun_pkey PRIMARY KEY (tenant, realm, kind, id, tenant_seq)
);
CREATE INDEX entry_noun_changed ON entry_noun (tenant, realm, kind, id, tenant_seq) WHERE changed;

-- Nouns that ended and may have left rows behind: the sweep's queue.
-- kind: 1 namespace, 2 permission, 3 role, 4 user.
CREATE TABLE dead_noun (
    partition integer NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    key bigint NOT NULL,
    CONSTRAINT dead_noun_pkey PRIMARY KEY (partition, tenant, kind, key)
);

-- Current views. changed_seq is the tenant_seq of the entry that wrote the row last; a write
-- asserts it. Rows of nouns whose container has ended stay until they are swept; every read
-- joins the container. Realms come last in indexes: few as they are, they would make indexes look
-- alike to a planner that has no statistics yet.

CREATE TABLE namespaces (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    settings text COLLATE "C" NOT NULL,
    system boolean NOT NULL,
    declared boolean NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT namespaces_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT namespaces_id UNIQUE (tenant, id, realm),
    CONSTRAINT namespaces_identifier UNIQUE (tenant, identifier, realm)
);

CREATE TABLE permissions (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    namespace_key bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NULL,
    ordinal integer NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT permissions_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT permissions_name UNIQUE (tenant, namespace_key, name)
);

CREATE TABLE roles (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT roles_id UNIQUE (tenant, id, realm)
);
CREATE INDEX roles_name ON roles (tenant, name, realm);

CREATE TABLE users (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT users_id UNIQUE (tenant, id, realm)
);

CREATE TABLE role_permissions (
    tenant text COLLATE "C" NOT NULL,
    role_key bigint NOT NULL,
    permission_key bigint NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT role_permissions_pkey PRIMARY KEY (tenant, role_key, permission_key)
);
CREATE INDEX role_permissions_permission ON role_permissions (tenant, permission_key, role_key);

CREATE TABLE user_permissions (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    permission_key bigint NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT user_permissions_pkey PRIMARY KEY (tenant, user_key, permission_key)
);
CREATE INDEX user_permissions_permission ON user_permissions (tenant, permission_key, user_key);

CREATE TABLE user_roles (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    role_key bigint NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (tenant, user_key, role_key)
);
-- In the order in which a role's users are paged through: by the entry that assigned them.
CREATE INDEX user_roles_role ON user_roles (tenant, role_key, changed_seq, user_key);

-- History: half-open intervals [from_seq, to_seq) of tenant_seq. from_seq names the entry that
-- opened the row, to_seq the one that closed it; to_seq is null while it is open and stands in no
-- index, so that closing is a HOT update. Rows of edges stay open when an end of theirs ends:
-- as-of reads join the intervals of both ends and of what contains them.

CREATE TABLE namespaces_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    settings text COLLATE "C" NOT NULL,
    system boolean NOT NULL,
    declared boolean NOT NULL,
    CONSTRAINT namespaces_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX namespaces_history_id ON namespaces_history (tenant, id, realm, from_seq);
CREATE INDEX namespaces_history_identifier ON namespaces_history (tenant, identifier, realm, from_seq);

CREATE TABLE permissions_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    namespace_key bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NULL,
    ordinal integer NOT NULL,
    CONSTRAINT permissions_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX permissions_history_name ON permissions_history (tenant, namespace_key, name, from_seq);

CREATE TABLE roles_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NULL,
    CONSTRAINT roles_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX roles_history_id ON roles_history (tenant, id, realm, from_seq);

CREATE TABLE users_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    CONSTRAINT users_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX users_history_id ON users_history (tenant, id, realm, from_seq);

CREATE TABLE role_permissions_history (
    tenant text COLLATE "C" NOT NULL,
    role_key bigint NOT NULL,
    permission_key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    CONSTRAINT role_permissions_history_pkey PRIMARY KEY (tenant, role_key, permission_key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX role_permissions_history_permission
    ON role_permissions_history (tenant, permission_key, role_key, from_seq);

CREATE TABLE user_permissions_history (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    permission_key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    CONSTRAINT user_permissions_history_pkey PRIMARY KEY (tenant, user_key, permission_key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX user_permissions_history_permission
    ON user_permissions_history (tenant, permission_key, user_key, from_seq);

CREATE TABLE user_roles_history (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    role_key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    CONSTRAINT user_roles_history_pkey PRIMARY KEY (tenant, user_key, role_key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX user_roles_history_role ON user_roles_history (tenant, role_key, user_key, from_seq);
