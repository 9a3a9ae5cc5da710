-- store.rebuild.unfinished
SELECT EXISTS (SELECT 1 FROM ledger_rebuild) AS unfinished
