-- store.rebuild.next_schema
-- Throws away what an earlier run left.
DROP SCHEMA IF EXISTS writ_next CASCADE;
CREATE SCHEMA writ_next;
-- One row a partition: the last entry that is folded into this set of views. Mutable.
CREATE TABLE writ_next.view_cursor (
    partition integer NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT view_cursor_pkey PRIMARY KEY (partition)
);
INSERT INTO writ_next.view_cursor (partition, seq)
SELECT partition, 0
FROM ledger_cursor;
