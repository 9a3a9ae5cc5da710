-- store.ledger.load.commands
SELECT k.ord, o.tenant_seq AS decided_at, c.tenant_seq AS cancelled_at
FROM unnest($1::text[], $2::uuid[])
    WITH ORDINALITY AS k (tenant, command_id, ord)
LEFT JOIN LATERAL (
    SELECT command_outcome.tenant_seq
    FROM command_outcome
    WHERE command_outcome.tenant = k.tenant AND command_outcome.command_id = k.command_id
    OFFSET 0
) AS o ON true
LEFT JOIN LATERAL (
    SELECT cancelled_command.tenant_seq
    FROM cancelled_command
    WHERE cancelled_command.tenant = k.tenant AND cancelled_command.command_id = k.command_id
    OFFSET 0
) AS c ON true
