-- store.entries.head
SELECT h.tenant_seq, h.chain8, h.log_time
FROM tenant_head AS h
WHERE h.tenant = $1;
