-- Several processes and another log: who projects, what is restored, what is relayed.

SET lock_timeout = '10s';
SET statement_timeout = '60s';

-- One row a process that projects; the partitions are shared out among those whose word holds.
CREATE TABLE projector_member (
    owner text COLLATE "C" NOT NULL,
    lives_until timestamptz NOT NULL,
    CONSTRAINT projector_member_pkey PRIMARY KEY (owner)
);

-- What an unfinished rebuild of the whole ledger has dropped and will make again at its end. While
-- a row is here the ledger is not whole, and nothing but another rebuild may use it.
CREATE TABLE ledger_rebuild (
    relation text COLLATE "C" NOT NULL,
    -- Of the index or constraint.
    name text COLLATE "C" NOT NULL,
    -- The statement that makes it.
    make text NOT NULL,
    CONSTRAINT ledger_rebuild_pkey PRIMARY KEY (relation, name)
);

-- A log that was written anew from entries (`writ topics restore`, `writ log copy`): below its
-- seal only restored records may follow.
ALTER TABLE ledger_cursor ADD COLUMN restoring boolean NOT NULL DEFAULT false;

-- One row a partition: the last entry that is known to stand on the topic of changes. A hint that
-- saves repeats; the topic itself is the truth. Mutable.
CREATE TABLE relay_cursor (
    partition integer NOT NULL,
    -- The last seq relayed.
    seq bigint NOT NULL,
    -- Where the topic has it.
    log_offset bigint NOT NULL,
    -- Hash of that record as the topic returned it, offset and time included.
    anchor bytea NOT NULL,
    CONSTRAINT relay_cursor_pkey PRIMARY KEY (partition)
);

-- Puts the records of an older generation aside and begins an empty one; nothing is deleted. The
-- number of the generation that was put aside, from 1.
--
-- Refuses unless the caller holds the lease of every partition, and the heads are those it has
-- looked at: a record that nobody decided would be lost from sight.
CREATE FUNCTION log_retire(partitions integer[], owner_epochs bigint[], heads bigint[])
RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '10s' AS $$
DECLARE
    generation integer;
    retired text;
BEGIN
    -- Whole tables, so that an append which was prepared before finds the new one. In the order in
    -- which an append locks them.
    LOCK TABLE log_head, log_record IN ACCESS EXCLUSIVE MODE;
    PERFORM 1 FROM ledger_cursor FOR UPDATE;
    IF EXISTS (
        SELECT 1
        FROM ledger_cursor AS cursor
        LEFT JOIN unnest(partitions, owner_epochs) AS held (partition, owner_epoch)
            ON held.partition = cursor.partition
        WHERE held.owner_epoch IS DISTINCT FROM cursor.owner_epoch
            OR cursor.lease_until < clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'another owner has a partition' USING ERRCODE = 'WR002';
    END IF;
    IF EXISTS (
        SELECT 1
        FROM log_head AS head
        LEFT JOIN unnest(partitions, heads) AS looked (partition, next_offset)
            ON looked.partition = head.partition
        WHERE looked.next_offset IS DISTINCT FROM head.next_offset
    ) THEN
        RAISE EXCEPTION 'records were appended meanwhile' USING ERRCODE = 'WR003';
    END IF;
    generation := 1;
    WHILE to_regclass('log_record_retired_' || generation) IS NOT NULL LOOP
        generation := generation + 1;
    END LOOP;
    retired := 'log_record_retired_' || generation;
    EXECUTE format('ALTER TABLE log_record RENAME TO %I', retired);
    EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT log_record_pkey TO %I', retired, retired || '_pkey');
    EXECUTE format('CREATE TABLE log_record (LIKE %I INCLUDING ALL)', retired);
    -- The retired table keeps its own trigger.
    CREATE TRIGGER log_record_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON log_record
        FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
    UPDATE log_head SET next_offset = 0;
    RETURN generation;
END
$$;
