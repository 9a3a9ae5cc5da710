-- store.reads.nouns.last_changed
-- $1 tenant, $2 realm, $3 kind, $4 name, $5 no later than this tenant_seq
SELECT max(e.tenant_seq) AS tenant_seq
FROM entry_noun e
WHERE e.tenant = $1 AND e.realm = $2 AND e.kind = $3 AND e.id = $4
    AND e.changed AND e.tenant_seq <= $5
