-- any_call
select 1
from host_call
limit 1

-- take_calls
delete from host_call
where id in (select id from host_call order by id limit :size)
returning host

-- host_called
-- Its turn is now, or as soon as it is no longer left in peace; who has its turn already is looked at when that ends.
insert into host (host, failures, open_until, scheme, software, due_at)
values (:host, 0, 0, 'cavage', '', :now)
on conflict (host) do update
set due_at = case when host.open_until > excluded.due_at then host.open_until else excluded.due_at end
where host.lease_until <= excluded.due_at and (host.due_at is null or host.due_at > excluded.due_at)

-- due_answering
-- Whose turn it is, of those that took something before: each query reads its index in order, and no further than asked.
-- hot
select host, failures
from host
where failures = 0 and last_success_at is not null and due_at <= :now
order by due_at
limit :size

-- due_unknown
-- Of those that nothing is known of.
-- hot
select host, failures
from host
where failures = 0 and last_success_at is null and due_at <= :now
order by due_at
limit :size

-- due_failing
-- Of those that did not answer the last time, and are no longer left in peace.
-- hot
select host, failures
from host
where failures > 0 and due_at <= :now
order by due_at
limit :size

-- begin_turn
-- Until its end is written down, or its worker's lease has run out, nobody else takes it.
update host
set lease_until = :until, due_at = :until
where host = :host

-- end_turn
-- Its next one is when something is due for it and it is not left in peace; not before `soonest`. Not
-- by a worker whose lease has run out, when another has the turn.
-- hot
update host
set lease_until = 0, due_at = (
  select case
    when waiting.due_at > :soonest and waiting.due_at > host.open_until then waiting.due_at
    when host.open_until > :soonest then host.open_until
    else :soonest
  end
  from delivery waiting
  where waiting.host = host.host and waiting.state = 'waiting'
  order by waiting.due_at
  limit 1
)
where host = :host and lease_until <= :until

-- forgotten_hosts
-- Servers that something waits for and that have no turn to come. Hops from one to the next by index.
with recursive waiting_host (host) as (
  select min(host) from delivery where state = 'waiting'
  union all
  select (select min(further.host) from delivery further where further.state = 'waiting' and further.host > w.host)
  from waiting_host w
  where w.host is not null
)
select w.host
from waiting_host w
where w.host is not null
  and not exists (select 1 from host known where known.host = w.host and known.due_at is not null)

-- one_at_a_time [sqlite]
-- Only one worker leases at a moment, so that a host is never in two hands. SQLite has one writer anyway.
select 1

-- one_at_a_time [postgres]
select pg_advisory_xact_lock(7236502)

-- lease_host
-- What is due for a host, in the order in which it became due; nothing before what it follows on its topic.
-- hot
update delivery
set attempts = attempts + 1, lease_until = :until
where id in (
  select d.id
  from delivery d
  where d.host = :host and d.state = 'waiting' and d.due_at <= :now and d.lease_until <= :now
    and not exists (
      select 1
      from delivery earlier
      where earlier.inbox = d.inbox and earlier.topic = d.topic and earlier.state = 'waiting'
        and earlier.id < d.id and earlier.due_at > d.due_at
    )
  order by d.due_at, d.id
  limit :size
)
returning id, activity_id, host, inbox, topic, attempts, strikes, created_at

-- free_turns
-- Whose turn was in the hands of a worker that is gone: it is theirs again at once.
update host
set lease_until = 0, due_at = :now
where lease_until > :now

-- free_leases
-- The worker that held these is gone.
update delivery
set lease_until = 0
where state = 'waiting' and lease_until > 0

-- give_back
-- Leased and not begun: as if it had never been taken.
-- hot
update delivery
set attempts = attempts - 1, lease_until = 0
where id = :id and state = 'waiting'

