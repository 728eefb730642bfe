-- Work that must be done and may wait. A done job has no row; a leased one waits again when its lease runs out.

-- add
-- A waiting job of the same kind and the same `once` is the same job: the earlier one stays.
insert into job (id, kind, payload, once, state, attempts, due_at, lease_until, outcome, created_at)
values (:id, :kind, :payload, :once, 'waiting', 0, :due_at, 0, '', :created_at)
on conflict (kind, once) where state = 'waiting' and once is not null do nothing

-- next_due
-- When there is something to do: the earliest job that nobody holds.
-- hot
select due_at
from job
where state = 'waiting' and lease_until <= :now
order by due_at, id
limit 1

-- lease [sqlite]
-- Take the oldest due jobs. The attempt counts before it is made: a job that kills its worker gets five, too.
-- `once` goes: what changes while a job runs needs a job of its own.
-- hot
update job
set attempts = attempts + 1, lease_until = :lease_until, once = null
where id in (
  select id from job
  where state = 'waiting' and due_at <= :now and lease_until <= :now
  order by due_at, id
  limit :size
)
returning id, kind, payload, attempts

-- lease [postgres]
-- `skip locked`: several workers each take their own.
-- hot
update job
set attempts = attempts + 1, lease_until = :lease_until, once = null
where id in (
  select id from job
  where state = 'waiting' and due_at <= :now and lease_until <= :now
  order by due_at, id
  limit :size
  for update skip locked
)
returning id, kind, payload, attempts

-- free_leases
-- The worker that held these is gone.
update job
set lease_until = 0
where state = 'waiting' and lease_until > 0

-- done
delete from job where id = :id

-- again
-- Failed, or given back: it is due at another time.
update job
set state = :state, due_at = :due_at, lease_until = 0, attempts = :attempts, outcome = :outcome
where id = :id

-- counts
-- How many wait and how many are dead.
select state, count(*) as number
from job
group by state
