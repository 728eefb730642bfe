-- keep_activity
-- What a local actor says, as it will be sent and served; `key_uri` names a key that is not the newest.
insert into activity_out (id, uri, actor_id, type, object_uri, circle_id, json, created_at, key_uri)
values (:id, :uri, :actor_id, :type, :object_uri, :circle_id, :json, :now, :key_uri)

-- inboxes_of_followers
-- Where the followers behind a local followers collection are told, each inbox once.
-- hot
select distinct coalesce(follower.shared_inbox, follower.inbox) as inbox
from actor followed
join follow on follow.followed_id = followed.id and follow.state = 'accepted'
join actor follower on follower.id = follow.follower_id
where followed.followers = :collection and followed.local
  and not follower.local and follower.deleted_at is null

-- followers_at
-- The ids of those on one server who follow somebody here; `prefix` is its origin and a slash.
-- hot
select follower.uri
from follow f
join actor follower on follower.id = f.follower_id
where f.followed_id = :followed_id and f.state = 'accepted'
  and not follower.local and follower.deleted_at is null
  and substr(follower.uri, 1, :length) = :prefix
order by follower.id

-- block_between
-- Whether one of two wants to hear nothing of the other.
-- hot
select 1
from block
where (blocker_id = :one and blocked_id = :other) or (blocker_id = :other and blocked_id = :one)
limit 1

-- inbox_gone
-- Whether an inbox said 410 and its owner has been silent since.
-- hot
select 1
from gone_inbox
where inbox = :inbox

-- keep_delivery
-- Somebody must be told; once an inbox and activity.
insert into delivery (id, activity_id, host, inbox, topic, state, attempts, due_at, lease_until, outcome, created_at)
values (:id, :activity_id, :host, :inbox, :topic, 'waiting', 0, :now, 0, '', :now)

-- due_hosts
-- Servers with something due that nobody is busy with and that are not left in peace. The recursion hops from host to
-- host by index: a long queue for one of them costs nothing here.
with recursive waiting_host (host) as (
  select min(host) from delivery where state = 'waiting'
  union all
  select (select min(further.host) from delivery further where further.state = 'waiting' and further.host > w.host)
  from waiting_host w
  where w.host is not null
)
select w.host, coalesce(health.failures, 0) as failures
from waiting_host w
left join host health on health.host = w.host
where w.host is not null
  and coalesce(health.open_until, 0) <= :now
  and w.host not in (
    select busy.host from delivery busy where busy.state = 'waiting' and busy.lease_until > 0 and busy.lease_until > :now
  )
  and exists (select 1 from delivery due where due.host = w.host and due.state = 'waiting' and due.due_at <= :now)
limit :size

-- one_at_a_time [sqlite]
-- Only one worker leases at a moment, so that a host is never in two hands. SQLite has one writer anyway.
select 1

-- one_at_a_time [postgres]
select pg_advisory_xact_lock(7236502)

-- lease_host
-- The oldest due deliveries to a host, without those whose predecessor on the same topic waits for later.
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
        and earlier.id < d.id and earlier.due_at > :now
    )
  order by d.id
  limit :size
)
returning id, activity_id, host, inbox, topic, attempts, created_at

-- free_leases
-- The worker that held these is gone.
update delivery
set lease_until = 0
where state = 'waiting' and lease_until > 0

-- give_back
-- Leased and not begun: as if it had never been taken.
update delivery
set attempts = attempts - 1, lease_until = 0
where id = :id and state = 'waiting'

-- said
-- What is to be sent, byte for byte, and who signs it.
-- sees all: it goes to the inboxes that were chosen when it was said
-- hot
select id, actor_id, type, json, created_at, key_uri
from activity_out
where id = :id

-- delivered
-- hot
update delivery
set state = 'done', status = :status, outcome = '', lease_until = 0
where id = :id and state = 'waiting'

-- deliver_later
-- hot
update delivery
set due_at = :due_at, status = :status, outcome = :outcome, lease_until = 0
where id = :id and state = 'waiting'

-- give_up
update delivery
set state = 'dead', status = :status, outcome = :outcome, lease_until = 0
where id = :id and state = 'waiting'

-- give_up_inbox
-- It said 410: whatever else waits for it need not be tried.
-- hot
update delivery
set state = 'dead', status = 410, outcome = 'gone', lease_until = 0
where inbox = :inbox and state = 'waiting'

-- keep_gone_inbox
insert into gone_inbox (inbox, host, since)
values (:inbox, :host, :now)
on conflict do nothing

-- forget_gone_inbox
-- Its owner speaks.
-- hot
delete from gone_inbox
where inbox = :inbox or inbox = :shared_inbox

-- host_health
-- hot
select failures, open_until, failing_since, last_success_at, last_heard_at
from host
where host = :host

-- host_heard
-- It spoke: its breaker closes.
insert into host (host, failures, open_until, last_heard_at, scheme, software)
values (:host, 0, 0, :now, 'cavage', '')
on conflict (host) do update set failures = 0, open_until = 0, failing_since = null, last_heard_at = excluded.last_heard_at

-- host_software
-- hot
select software
from host
where host = :host

-- host_runs
-- It said which software it is.
insert into host (host, failures, open_until, scheme, software)
values (:host, 0, 0, 'cavage', :software)
on conflict (host) do update set software = excluded.software

-- host_answered
-- It took something: its breaker closes.
insert into host (host, failures, open_until, last_success_at, scheme, software)
values (:host, 0, 0, :now, 'cavage', '')
on conflict (host) do update
set failures = 0, open_until = 0, failing_since = null, last_success_at = excluded.last_success_at

-- host_failing
insert into host (host, failures, open_until, failing_since, scheme, software)
values (:host, :failures, :open_until, :failing_since, 'cavage', '')
on conflict (host) do update
set failures = excluded.failures, open_until = excluded.open_until, failing_since = excluded.failing_since

-- due_now
-- It is back: what waits for it waits no longer.
update delivery
set due_at = :now
where host = :host and state = 'waiting' and due_at > :now

-- forget_hosts
-- Failing servers that we have had nothing to say to for a week: anybody can advertise ten thousand of them.
delete from host
where failures > 0 and open_until < :before
  and not exists (select 1 from delivery d where d.host = host.host and d.state = 'waiting')

-- forget_more_hosts
-- Of the rest, those that were to be tried again latest are kept, and no more of them than `kept`.
delete from host
where failures > 0
  and not exists (select 1 from delivery d where d.host = host.host and d.state = 'waiting')
  and (open_until, host) <= (
    select next.open_until, next.host
    from host next
    where next.failures > 0
    order by next.open_until desc, next.host desc
    limit 1 offset :kept
  )

-- forget_old
-- A part of what was done with, or given up, long ago.
-- hot
delete from delivery
where id in (select id from delivery where state = :state and id < :before order by id limit :size)
