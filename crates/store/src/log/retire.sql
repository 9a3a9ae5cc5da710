-- store.log.retire
SELECT log_retire($1::integer[], $2::bigint[], $3::bigint[]) AS generation;
