-- Camunda's groups, passwords, memberships and authorizations.
--
-- Written by the projector's transaction alone, as in V0001; realm 3 is camunda, kinds of noun 4
-- group, 5 authorization; dead nouns 5 group.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- Fed by GroupCreated, GroupRenamed, GroupKindChanged, GroupDeleted. Mutable.
CREATE TABLE groups (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    kind text COLLATE "C" NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT groups_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT groups_id UNIQUE (tenant, id, realm)
);

-- Fed by UserPasswordSet. Mutable. Rows of users that have ended stay until they are swept.
CREATE TABLE user_passwords (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT user_passwords_pkey PRIMARY KEY (tenant, user_key)
);

-- Fed by GroupMemberAdded, GroupMemberRemoved.
CREATE TABLE group_members (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    group_key bigint NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT group_members_pkey PRIMARY KEY (tenant, user_key, group_key)
);
CREATE INDEX group_members_group ON group_members (tenant, group_key, user_key);

-- Fed by AuthorizationCreated, AuthorizationChanged, AuthorizationDeleted. Mutable. Either user_id
-- or group_id is null. kind: 0 global, 1 grant, 2 revoke. That there is one of a kind for a holder
-- on a resource is the domain's to keep: rows of one batch may pass each other.
CREATE TABLE authorizations (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    user_id text COLLATE "C" NULL,
    group_id text COLLATE "C" NULL,
    resource_type integer NOT NULL,
    resource_id text COLLATE "C" NULL,
    permissions integer NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT authorizations_pkey PRIMARY KEY (tenant, key),
    CONSTRAINT authorizations_id UNIQUE (tenant, id)
);
-- Each of these stands for one kind of holder: a planner that knows nothing yet cannot mistake one
-- for the other.
CREATE INDEX authorizations_user ON authorizations (tenant, user_id, resource_type, resource_id)
    WHERE user_id IS NOT NULL;
CREATE INDEX authorizations_group ON authorizations (tenant, group_id, resource_type, resource_id)
    WHERE group_id IS NOT NULL;
-- By one text, so that what asks for a holder's rows on a resource does not take this index.
CREATE INDEX authorizations_resource
    ON authorizations (tenant, (resource_type::text || '/' || resource_id));
CREATE INDEX authorizations_user_revokes ON authorizations (tenant, user_id)
    WHERE kind = 2 AND user_id IS NOT NULL;
CREATE INDEX authorizations_group_revokes ON authorizations (tenant, group_id)
    WHERE kind = 2 AND group_id IS NOT NULL;

-- Fed by CamundaConfigured. Mutable. No row: everything as it is at first.
CREATE TABLE camunda_settings (
    tenant text COLLATE "C" NOT NULL,
    revoke_mode text COLLATE "C" NOT NULL,
    changed_seq bigint NOT NULL,
    CONSTRAINT camunda_settings_pkey PRIMARY KEY (tenant)
);

CREATE TABLE groups_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    realm smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NULL,
    kind text COLLATE "C" NULL,
    CONSTRAINT groups_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX groups_history_id ON groups_history (tenant, id, realm, from_seq);

CREATE TABLE user_passwords_history (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    hash text COLLATE "C" NOT NULL,
    CONSTRAINT user_passwords_history_pkey PRIMARY KEY (tenant, user_key, from_seq)
) WITH (fillfactor = 85);

CREATE TABLE group_members_history (
    tenant text COLLATE "C" NOT NULL,
    user_key bigint NOT NULL,
    group_key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    CONSTRAINT group_members_history_pkey PRIMARY KEY (tenant, user_key, group_key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX group_members_history_group
    ON group_members_history (tenant, group_key, user_key, from_seq);

CREATE TABLE authorizations_history (
    tenant text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    id text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    user_id text COLLATE "C" NULL,
    group_id text COLLATE "C" NULL,
    resource_type integer NOT NULL,
    resource_id text COLLATE "C" NULL,
    permissions integer NOT NULL,
    CONSTRAINT authorizations_history_pkey PRIMARY KEY (tenant, key, from_seq)
) WITH (fillfactor = 85);
CREATE INDEX authorizations_history_id ON authorizations_history (tenant, id, from_seq);
CREATE INDEX authorizations_history_user
    ON authorizations_history (tenant, user_id, resource_type, resource_id, from_seq)
    WHERE user_id IS NOT NULL;
CREATE INDEX authorizations_history_group
    ON authorizations_history (tenant, group_id, resource_type, resource_id, from_seq)
    WHERE group_id IS NOT NULL;
CREATE INDEX authorizations_history_resource
    ON authorizations_history (tenant, (resource_type::text || '/' || resource_id), from_seq);
CREATE INDEX authorizations_history_user_revokes
    ON authorizations_history (tenant, user_id, from_seq)
    WHERE kind = 2 AND user_id IS NOT NULL;
CREATE INDEX authorizations_history_group_revokes
    ON authorizations_history (tenant, group_id, from_seq)
    WHERE kind = 2 AND group_id IS NOT NULL;

CREATE TABLE camunda_settings_history (
    tenant text COLLATE "C" NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NULL,
    revoke_mode text COLLATE "C" NOT NULL,
    CONSTRAINT camunda_settings_history_pkey PRIMARY KEY (tenant, from_seq)
) WITH (fillfactor = 85);

-- Whether revokes count for a user and these groups.
CREATE FUNCTION camunda_revokes(whose text, viewer text, viewer_groups text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE coalesce((SELECT s.revoke_mode FROM camunda_settings AS s WHERE s.tenant = whose), 'auto')
        WHEN 'always' THEN true
        WHEN 'never' THEN false
        ELSE EXISTS (
            SELECT 1
            FROM authorizations AS r
            WHERE r.tenant = whose AND r.user_id IN (viewer, '*') AND r.kind = 2
        ) OR EXISTS (
            SELECT 1
            FROM authorizations AS r
            WHERE r.tenant = whose AND r.group_id = ANY (viewer_groups) AND r.kind = 2
        )
    END
$$;

-- Whether a list shows a row to a user: the engine filters lists otherwise than it answers checks.
-- While revokes do not count, a grant to '*' counts, too; while they do, the first level that
-- decides, decides, as in a check.
CREATE FUNCTION camunda_shows(
    whose text,
    viewer text,
    viewer_groups text[],
    revokes boolean,
    bits integer,
    on_type integer,
    on_id text
) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT revokes THEN EXISTS (
            SELECT 1
            FROM authorizations AS a
            WHERE a.tenant = whose AND a.user_id IN (viewer, '*')
                AND a.resource_type = on_type AND a.resource_id IN (on_id, '*')
                AND a.kind < 2 AND a.permissions & bits = bits
        ) OR EXISTS (
            SELECT 1
            FROM authorizations AS a
            WHERE a.tenant = whose AND a.group_id = ANY (viewer_groups)
                AND a.resource_type = on_type AND a.resource_id IN (on_id, '*')
                AND a.kind < 2 AND a.permissions & bits = bits
        )
        ELSE coalesce((
            SELECT found.allows
            FROM (
                SELECT CASE a.kind WHEN 0 THEN 3 ELSE 1 END AS level, a.resource_id,
                    a.kind < 2 AND a.permissions & bits = bits AS allows
                FROM authorizations AS a
                WHERE a.tenant = whose
                    AND ((a.user_id = viewer AND a.kind > 0) OR (a.user_id = '*' AND a.kind = 0))
                    AND a.resource_type = on_type AND a.resource_id IN (on_id, '*')
                    AND (a.kind <> 1 OR a.permissions & bits = bits)
                    AND (a.kind <> 2 OR a.permissions & bits <> bits)
                UNION ALL
                SELECT 2, a.resource_id, a.kind < 2
                FROM authorizations AS a
                WHERE a.tenant = whose AND a.group_id = ANY (viewer_groups)
                    AND a.resource_type = on_type AND a.resource_id IN (on_id, '*')
                    AND ((a.kind = 1 AND a.permissions & bits = bits)
                        OR (a.kind = 2 AND a.permissions & bits <> bits))
            ) AS found
            ORDER BY found.level, found.resource_id = '*', found.allows DESC
            LIMIT 1
        ), false)
    END
$$;
