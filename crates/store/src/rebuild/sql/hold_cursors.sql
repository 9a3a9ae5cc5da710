-- store.rebuild.hold_cursors
-- Fences whoever owned them, and lets nobody take them until the rebuild has ended.
UPDATE ledger_cursor
SET
    owner = 'writ rebuild',
    owner_epoch = owner_epoch + 1,
    lease_until = '9999-12-31T00:00:00Z'
