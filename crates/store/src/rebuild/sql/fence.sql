-- store.rebuild.fence
-- Whoever owns a partition takes it again, and with it knows nothing of the views before.
UPDATE ledger_cursor SET owner_epoch = owner_epoch + 1
