-- decided
-- What was decided once: base URL, handle domain, name of the association's actor.
select name, value
from setting
order by name

-- highest_id
-- The largest id that was ever given here: no clock may take us below it.
-- sees all: only a number is taken, and nobody is shown it.
select max(id)
from (select max(id) as id from object union all select max(id) as id from activity_out) as given

-- inbox_waiting
-- How much came in and is not applied yet, and since when the oldest waits.
select count(*) as waiting, min(received_at) as oldest_at
from activity_in
where state = 'waiting'

-- deliveries_waiting
-- How much must go out, and since when the oldest waits.
select count(*) as waiting, min(created_at) as oldest_at
from delivery
where state = 'waiting'

-- last_heard_at
-- When another server last sent something that was signed well.
select max(last_heard_at)
from host

-- keys_of_ours
-- The keys of those who live here: sealed, so that doctor can try the seal.
select k.uri, a.uri as actor_uri, k.kind, k.private_sealed
from key k
join actor a on a.id = k.actor_id
where a.local and k.retired_at is null and a.deleted_at is null
order by k.id
limit :size

-- note
-- A row that doctor writes and undoes, to see whether writing works.
insert into setting (name, value)
values (:name, '')

-- peers_that_answer
-- The servers that answered us last.
select host
from host
where last_success_at is not null
order by last_success_at desc
limit :size
