-- proposals_as_objects
-- sees all: a proposal is seen by whoever sees its object
update proposal set circle_id = (select o.circle_id from object o where o.id = proposal.id)
where owner_id = :owner_id
