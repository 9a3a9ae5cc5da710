-- store.log.partitions
SELECT partitions FROM log_genesis;
