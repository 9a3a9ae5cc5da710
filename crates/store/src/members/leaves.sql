-- store.members.leaves
-- $1 owner.
DELETE FROM projector_member WHERE owner = $1
