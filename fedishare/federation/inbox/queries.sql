-- keep
-- Somebody said something, and it is to be looked at.
insert into activity_in (id, uri, type, actor_uri, signer_uri, origin, body, digest, signed_at, received_at,
  state, attempts, due_at, lease_until, outcome)
values (:id, :uri, :type, :actor_uri, :signer_uri, :origin, :body, :digest, :signed_at, :received_at,
  'waiting', 0, :received_at, 0, '')

-- waiting_now
-- hot
-- Whether there is anything to do.
select 1
from activity_in
where state = 'waiting' and due_at <= :now
order by due_at
limit 1

-- one_at_a_time [sqlite]
-- Only one worker leases at a moment: two could each take a part of one origin's queue and lose its order.
-- SQLite has one writer anyway.
select 1

-- one_at_a_time [postgres]
select pg_advisory_xact_lock(7236501)

-- lease_fresh
-- A batch that nobody has tried yet, oldest first; origins that a worker is busy with, or whose turn was put off, keep
-- their order by waiting.
-- hot
update activity_in
set attempts = attempts + 1, lease_until = :until
where id in (
  select id
  from activity_in
  where state = 'waiting' and due_at <= :now and attempts = 0
    and origin not in (
      select busy.origin
      from activity_in busy
      where busy.state = 'waiting' and busy.lease_until > 0 and busy.lease_until > :now
    )
    and origin not in (
      select late.origin
      from activity_in late
      where late.state = 'waiting' and late.due_at > :now and late.due_at <= :until and late.attempts = 0
    )
  order by due_at, id
  limit :size
)
returning id, type, actor_uri, signer_uri, origin, uri, body, digest, signed_at, received_at, attempts, outcome

-- lease_again
-- One that was tried before, by itself: it may be what stopped the worker.
-- hot
update activity_in
set attempts = attempts + 1, lease_until = :until
where id in (
  select id
  from activity_in
  where state = 'waiting' and due_at <= :now and attempts > 0 and lease_until <= :now
    and origin not in (
      select busy.origin
      from activity_in busy
      where busy.state = 'waiting' and busy.lease_until > 0 and busy.lease_until > :now
    )
  order by due_at, id
  limit 1
)
returning id, type, actor_uri, signer_uri, origin, uri, body, digest, signed_at, received_at, attempts, outcome

-- free_leases
-- The worker that held these is gone.
-- hot
update activity_in
set lease_until = 0
where state = 'waiting' and lease_until > 0

-- counted
-- Whether this activity has had its effect already.
-- hot
select 1
from applied
where said = :said and type = :type and digest = :digest

-- counted_among [sqlite]
-- What was counted of what was said: its marks stand one behind the other, and `starts` is a JSON array of where.
-- hot
select said, type, digest
from applied
where said in (select substr(:marks, value, 16) from json_each(:starts))

-- counted_among [postgres]
select said, type, digest
from applied
where said in (select substring(:marks::bytea from value::integer for 16) from json_array_elements_text(:starts::json))

-- count_once
-- That it has had its effect. Whoever else counts it at the same moment is refused by the index.
insert into applied (said, type, digest, applied_at)
values (:said, :type, :digest, :now)

-- said_under
-- As what an id was said, by the server that says it again.
-- hot
select distinct type
from applied
where said = :said

-- take_out [sqlite]
-- Done with, and its effect holds what counts: the row goes with all that was sent, and so does its room on the disk.
-- Shortened in its place, it would leave a hole that no later row fits, as rows are kept in the order of their ids.
delete from activity_in
where id in (select value from json_each(:ids)) and state = 'waiting'
returning id, uri, type, actor_uri, attempts, received_at

-- take_out [postgres]
delete from activity_in
where id in (select value::bigint from json_array_elements_text(:ids::json)) and state = 'waiting'
returning id, uri, type, actor_uri, attempts, received_at

-- write_down
-- What an administrator reads of it for a month: who said what, and what became of it.
insert into activity_in (id, uri, type, actor_uri, signer_uri, origin, body, digest, signed_at, received_at,
  state, attempts, due_at, lease_until, outcome)
values (:id, :uri, :type, :actor_uri, '', '', :nothing, '', 0, :received_at, :state, :attempts, 0, 0, :outcome)

-- put_aside
-- Done with, without effect: kept as it was sent.
update activity_in
set state = :state, outcome = :outcome, lease_until = 0
where id = :id and state = 'waiting'

-- try_again
-- It did not work; once more later.
-- hot
update activity_in
set due_at = :due_at, outcome = :outcome, lease_until = 0
where id = :id and state = 'waiting'

-- give_back
-- Leased and not begun: as if it had never been taken. One that somebody else has leased since is theirs.
update activity_in
set attempts = attempts - 1, lease_until = 0
where id = :id and state = 'waiting' and lease_until = :until

-- put_off
-- As if it had never been taken, and not before some time.
update activity_in
set attempts = attempts - 1, lease_until = 0, due_at = :due_at
where id = :id and state = 'waiting'

-- object_known
-- sees all: only whether the id is known, which nobody is told
-- hot
select 1
from object
where uri = :uri

-- object_hidden
-- sees all: only whether it is for some alone, which nobody is told
-- hot
select 1
from object
where uri = :uri and circle_id <> 1

-- listing
-- What came in, newest first.
select id, uri, type, actor_uri, state, attempts, outcome, received_at
from activity_in
where id < :before
  /* filters */
order by id desc
limit :size

-- filter: state
and state = :state

-- waiting_count
-- How many are waiting.
select count(*)
from activity_in
where state = 'waiting'

-- dead_count
-- How many were given up.
select count(*)
from activity_in
where state = 'dead'

-- retry_dead
-- What was given up is as if it had just come.
update activity_in
set state = 'waiting', due_at = :now, attempts = 0, outcome = ''
where state = 'dead'

-- forget_old
-- A part of what was done with long ago.
-- hot
delete from activity_in
where id in (select id from activity_in where state = :state and id < :before order by id limit :size)

-- forget_counted
-- A part of the dedup rows that are older than anybody tries again.
delete from applied
where applied_at < :before
