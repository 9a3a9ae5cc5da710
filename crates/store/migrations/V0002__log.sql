-- The log of a single machine: genesis, heads, records.
--
-- Written by whoever appends, read by the owner of a partition as it would read Kafka. No foreign
-- key leads from here to the ledger: the log is what the ledger is rebuilt from.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- One row: what was fixed when the log was created. Immutable.
CREATE TABLE log_genesis (
    only_row boolean NOT NULL DEFAULT true,
    partitions integer NOT NULL,
    CONSTRAINT log_genesis_pkey PRIMARY KEY (only_row),
    CONSTRAINT log_genesis_only_row CHECK (only_row),
    CONSTRAINT log_genesis_partitions CHECK (partitions BETWEEN 1 AND 4096)
);

-- One row a partition, locked by each append to its commit. Mutable.
CREATE TABLE log_head (
    partition integer NOT NULL,
    -- The offset that the next record gets; offsets are dense from 0.
    next_offset bigint NOT NULL,
    CONSTRAINT log_head_pkey PRIMARY KEY (partition),
    CONSTRAINT log_head_next_offset CHECK (next_offset >= 0)
);

-- One row a record, for ever: the bytes as they were appended. Immutable.
CREATE TABLE log_record (
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    -- clock_timestamp() under the lock of the head; the projector clamps it.
    log_time timestamptz NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    -- Name and value by turns, each after its length in four bytes, big endian.
    headers bytea NOT NULL,
    CONSTRAINT log_record_pkey PRIMARY KEY (partition, log_offset)
);

CREATE FUNCTION log_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %: what is in the log stays as it is', TG_OP, TG_TABLE_NAME;
END
$$;

-- A statement trigger on these three costs an append nothing.
CREATE TRIGGER log_record_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log_record
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();

CREATE TRIGGER log_genesis_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log_genesis
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
