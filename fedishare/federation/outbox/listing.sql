-- waiting_count
select count(*)
from delivery
where state = 'waiting'

-- dead_count
select count(*)
from delivery
where state = 'dead'

-- failing_hosts
-- Servers that do not answer, and what waits for them.
select h.host, h.failures, h.open_until, h.failing_since, h.failed_days, h.due_at,
  (select count(*) from delivery d where d.host = h.host and d.state = 'waiting') as waiting
from host h
where h.failures > 0
order by h.failing_since
limit :size

-- listing
-- Deliveries, newest first.
-- sees all: for the administrator's terminal, and without what was said
select d.id, a.uri as activity, a.type, d.host, d.inbox, d.state, d.attempts, d.due_at, d.status, d.outcome, d.created_at
from delivery d
join activity_out a on a.id = d.activity_id
where d.id < :before
  /* filters */
order by d.id desc
limit :size

-- filter: state
and d.state = :state

-- filter: host
and d.host = :host

-- retry
-- Try again now what waits or was given up: each has an index of its own, and both together have none.
update delivery
set state = 'waiting', due_at = :now, created_at = :now, attempts = 0, strikes = 0, lease_until = 0
where lease_until <= :now and id in (
  select id from delivery where state = 'waiting' /* filters */
  union all
  select id from delivery where state = 'dead' /* filters */
)

-- filter: only_host
and host = :only_host

-- filter: only_id
and id = :only_id

-- drop
-- Never try again what waits or was given up.
delete from delivery
where lease_until <= :now and id in (
  select id from delivery where state = 'waiting' /* filters */
  union all
  select id from delivery where state = 'dead' /* filters */
)

-- close_breaker
update host
set open_until = 0
where failures > 0
  /* filters */

-- filter: of_id
and host = (select one.host from delivery one where one.id = :of_id)

-- retried_hosts
-- Whose turn it is then.
select distinct host
from delivery
where state = 'waiting' and due_at = :now and created_at = :now
  /* filters */
