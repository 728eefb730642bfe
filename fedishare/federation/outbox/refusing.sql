-- waiting_hosts
-- Servers that something waits for.
select distinct host
from delivery
where state = 'waiting'

-- drop_own
-- What waits for one actor alone.
delete from delivery
where state = 'waiting' and lease_until <= :now
  and inbox in (select inbox from actor where id = :actor_id)
