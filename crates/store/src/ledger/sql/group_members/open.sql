-- store.ledger.group_members.open
INSERT INTO group_members_history (tenant, user_key, group_key, from_seq, to_seq)
SELECT tenant, user_key, group_key, from_seq, to_seq
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS wanted (tenant, user_key, group_key, from_seq, to_seq)
