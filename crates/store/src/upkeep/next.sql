-- store.upkeep.next
-- The dead noun that one step works on; $1 partitions to look in.
SELECT partition, tenant, kind, key
FROM dead_noun
WHERE partition = ANY ($1)
LIMIT 1
FOR UPDATE SKIP LOCKED
