-- store.rebuild.remember
-- What an earlier run has dropped stays remembered.
INSERT INTO ledger_rebuild (relation, name, make)
SELECT relation, name, make
FROM unnest($1::text[], $2::text[], $3::text[]) AS dropped (relation, name, make)
ON CONFLICT (relation, name) DO NOTHING
