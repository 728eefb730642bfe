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

-- followers_of
-- The ids of all those elsewhere who follow somebody here.
-- hot
select follower.uri
from follow f
join actor follower on follower.id = f.follower_id
where f.followed_id = :followed_id and f.state = 'accepted'
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

-- inboxes_gone [sqlite]
-- Which of these said so, as a JSON array.
-- hot
select inbox
from gone_inbox
where inbox in (select value from json_each(:inboxes))

-- inboxes_gone [postgres]
select inbox
from gone_inbox
where inbox in (select value from json_array_elements_text(:inboxes::json))

-- keep_delivery
-- Somebody must be told; once an inbox and activity. What follows on a topic is due no sooner than what it follows.
insert into delivery (id, activity_id, host, inbox, topic, state, attempts, due_at, lease_until, outcome, created_at)
values (
  :id, :activity_id, :host, :inbox, :topic, 'waiting', 0,
  coalesce(
    (
      select case when last.due_at > :now then last.due_at else :now end
      from delivery last
      where last.inbox = :inbox and last.topic = :topic and last.state = 'waiting'
      order by last.id desc
      limit 1
    ),
    :now
  ),
  0, '', :now
)

-- call_host
-- Something new waits for it.
insert into host_call (id, host)
values (:id, :host)

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
set due_at = :due_at, status = :status, outcome = :outcome, strikes = :strikes, lease_until = 0
where id = :id and state = 'waiting'

-- follow_later
-- What follows one that waits, on its topic, waits as long.
-- hot
update delivery
set due_at = :due_at
where state = 'waiting' and id > :id and due_at < :due_at
  and inbox = (select first.inbox from delivery first where first.id = :id)
  and topic = (select first.topic from delivery first where first.id = :id)

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
select failures, open_until, failing_since, failed_days, failed_at, last_success_at, last_heard_at
from host
where host = :host

-- host_heard
-- It spoke: its breaker closes.
insert into host (host, failures, open_until, last_heard_at, scheme, software)
values (:host, 0, 0, :now, 'cavage', '')
on conflict (host) do update
set failures = 0, open_until = 0, failing_since = null, failed_days = 0, failed_at = null,
  last_heard_at = excluded.last_heard_at

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
set failures = 0, open_until = 0, failing_since = null, failed_days = 0, failed_at = null,
  last_success_at = excluded.last_success_at

-- host_failing
insert into host (host, failures, open_until, failing_since, failed_days, failed_at, scheme, software)
values (:host, :failures, :open_until, :failing_since, :failed_days, :failed_at, 'cavage', '')
on conflict (host) do update
set failures = excluded.failures, open_until = excluded.open_until, failing_since = excluded.failing_since,
  failed_days = excluded.failed_days, failed_at = excluded.failed_at

-- due_now
-- It is back: what waits for it waits no longer, and the oldest is first again.
-- hot
update delivery
set due_at = case when created_at < :now then created_at else :now end
where host = :host and state = 'waiting' and due_at > :now

-- turn_now
-- hot
update host
set due_at = :now
where host = :host and lease_until <= :now and due_at > :now

-- forget_hosts
-- Failing servers that we have had nothing to say to for a week: anybody can advertise ten thousand of them.
delete from host
where failures > 0 and open_until < :before and due_at is null
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
