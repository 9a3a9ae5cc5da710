-- Where an entry stands is read from the index alone: the entries of a page of history lie far apart,
-- and every table on the way to them costs a page of its own for each.

SET lock_timeout = '10s';
-- An index over all entries is made anew.
SET statement_timeout = '1h';

-- squawk-ignore ban-drop-constraint
ALTER TABLE entry_position DROP CONSTRAINT entry_position_pkey;
-- squawk-ignore adding-serial-primary-key-field, constraint-missing-not-valid
ALTER TABLE entry_position ADD CONSTRAINT entry_position_pkey
    PRIMARY KEY (tenant, tenant_seq) INCLUDE (partition, seq, log_time);
