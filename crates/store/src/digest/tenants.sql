-- store.digest.tenants
SELECT tenant, tenant_seq
FROM tenant_head
WHERE partition = $1
ORDER BY tenant
