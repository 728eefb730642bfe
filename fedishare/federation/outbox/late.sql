-- late
-- What waits or was given up, oldest first, and how its server stands.
-- sees all: for administrators alone, and without what was said
select d.id, a.uri as activity, a.type, d.host, d.inbox, d.state, d.attempts, d.due_at, d.lease_until, d.status,
  d.outcome, d.created_at, coalesce(h.open_until, 0) as open_until
from delivery d
join activity_out a on a.id = d.activity_id
left join host h on h.host = d.host and h.failures > 0
where d.state <> 'done'
  /* filters */
order by d.id
limit :size

-- filter: about
and d.activity_id in (
  select said.id from activity_out said where said.uri = :about
  union
  select said.id from activity_out said where said.object_uri = :about
)

-- filter: host
and d.id in (
  select w.id from delivery w where w.state = 'waiting' and w.host = :host
  union all
  select g.id from delivery g where g.state = 'dead' and g.host = :host
)

-- filter: oldest
and d.id in (select w.id from delivery w where w.state = 'waiting' order by w.id limit :oldest)

-- arrived_count
-- To how many inboxes it has come.
-- sees all: only a number is taken, for administrators alone
select count(*)
from delivery d
where d.state = 'done' and d.activity_id in (
  select said.id from activity_out said where said.uri = :about
  union
  select said.id from activity_out said where said.object_uri = :about
)

-- late_count
-- How many wait for longer than is usual; `before` is the first number that was given since.
select count(*)
from delivery
where state = 'waiting' and id < :before

-- failing_host
select h.host, h.failures, h.open_until, h.failing_since, h.failed_days, h.due_at,
  (select count(*) from delivery d where d.host = h.host and d.state = 'waiting') as waiting
from host h
where h.host = :host and h.failures > 0
