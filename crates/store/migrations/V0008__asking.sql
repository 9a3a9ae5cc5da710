-- What readers ask of all realms as of an entry: the newest row of one place in one step, however
-- often it changed.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_history_user;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_history_user
    ON authorizations_history (tenant, user_id, resource_type, resource_id, kind, from_seq)
    WHERE user_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_history_group;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_history_group
    ON authorizations_history (tenant, group_id, resource_type, resource_id, kind, from_seq)
    WHERE group_id IS NOT NULL;

-- Whether somebody has a revoke at all: by place, so that those which came and went on one resource
-- count as one. Those on no resource may be there more than once, and each is a place of its own.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_history_user_revokes;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_history_user_revokes
    ON authorizations_history (
        tenant, user_id, (coalesce(resource_type::text || '/' || resource_id, key::text)), from_seq
    )
    WHERE kind = 2 AND user_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_history_group_revokes;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_history_group_revokes
    ON authorizations_history (
        tenant, group_id, (coalesce(resource_type::text || '/' || resource_id, key::text)), from_seq
    )
    WHERE kind = 2 AND group_id IS NOT NULL;

-- Who was linked: each subject of a link in one step, however often it left and came back.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX linked_subjects_history_link;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX linked_subjects_history_link
    ON linked_subjects_history (tenant, link_key, realm, subject, from_seq);

-- By key, too: so that what asks whether there is any revoke at all takes no other index.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_user_revokes;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_user_revokes ON authorizations (tenant, user_id, key)
    WHERE kind = 2 AND user_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX authorizations_group_revokes;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX authorizations_group_revokes ON authorizations (tenant, group_id, key)
    WHERE kind = 2 AND group_id IS NOT NULL;
