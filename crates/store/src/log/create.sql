-- store.log.create
-- The genesis and its heads together; nothing where there is a genesis already.
WITH genesis AS (
    INSERT INTO log_genesis (partitions) VALUES ($1::integer)
    ON CONFLICT ON CONSTRAINT log_genesis_pkey DO NOTHING
    RETURNING partitions
)
INSERT INTO log_head (partition, next_offset)
SELECT generate_series(0, genesis.partitions - 1), 0 FROM genesis;
