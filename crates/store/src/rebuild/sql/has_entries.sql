-- store.rebuild.has_entries
SELECT EXISTS (SELECT 1 FROM ledger_entry)
    OR EXISTS (SELECT 1 FROM ledger_cursor WHERE seq > 0 OR next_offset > 0) AS has_entries
