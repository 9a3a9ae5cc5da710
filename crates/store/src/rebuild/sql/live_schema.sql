-- store.rebuild.live_schema
SELECT n.nspname::text AS name
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = 'ledger_cursor'::regclass
