-- store.ledger.cursor.partitions
SELECT count(*) AS partitions FROM ledger_cursor
