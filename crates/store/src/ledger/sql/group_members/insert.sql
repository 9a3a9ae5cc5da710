-- store.ledger.group_members.insert
INSERT INTO group_members (tenant, user_key, group_key, changed_seq)
SELECT tenant, user_key, group_key, changed_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
    AS wanted (tenant, user_key, group_key, changed_seq)
