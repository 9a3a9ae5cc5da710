-- store.upkeep.done
DELETE FROM dead_noun
WHERE partition = $1 AND tenant = $2 AND kind = $3 AND key = $4
