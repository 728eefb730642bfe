-- pair
-- What stands between two actors.
-- hot
select id, uri, follower_id, followed_id, state, signed_at, answered_at, created_at
from follow
where follower_id = :follower_id and followed_id = :followed_id

-- by_uri
-- A follow by the id of its activity and one of its two sides: ids of Follows are not always unique (INTEROP D.13).
-- hot
select id, uri, follower_id, followed_id, state, signed_at, answered_at, created_at
from follow
where uri = :uri and (follower_id = :actor_id or followed_id = :actor_id)
order by id desc
limit 1

-- save
-- The one row of a pair, as it is now.
insert into follow (id, uri, follower_id, followed_id, state, signed_at, answered_at, created_at)
values (:id, :uri, :follower_id, :followed_id, :state, :signed_at, :answered_at, :created_at)
on conflict (follower_id, followed_id) do update set
  uri = excluded.uri,
  state = excluded.state,
  signed_at = excluded.signed_at,
  answered_at = excluded.answered_at

-- all_of
-- Every follow of somebody that holds or waits, both ways.
-- hot
select id, uri, follower_id, followed_id, state, signed_at, answered_at, created_at
from follow
where (follower_id = :actor_id or followed_id = :actor_id) and state in ('pending', 'accepted')

-- followers
-- Who follows somebody, newest first, one page.
-- hot
select f.id, f.state, f.created_at, a.id as actor_id, a.uri, a.name, a.domain, a.display_name, a.kind, a.page_url,
  a.local, a.speaks_fedishare
from follow f
join actor a on a.id = f.follower_id
where f.followed_id = :actor_id and f.state = :state and f.id < :before
order by f.id desc
limit :size

-- following
-- Whom somebody follows, newest first, one page.
-- hot
select f.id, f.state, f.created_at, a.id as actor_id, a.uri, a.name, a.domain, a.display_name, a.kind, a.page_url,
  a.local, a.speaks_fedishare
from follow f
join actor a on a.id = f.followed_id
where f.follower_id = :actor_id and f.state = :state and f.id < :before
order by f.id desc
limit :size

-- counts
-- How many follow somebody, and how many they follow.
-- hot
select
  (select count(*) from follow f where f.followed_id = :actor_id and f.state = 'accepted') as followers,
  (select count(*) from follow f where f.follower_id = :actor_id and f.state = 'accepted') as following

-- save_block
-- Somebody wants to hear nothing of somebody.
insert into block (blocker_id, blocked_id, uri, created_at)
values (:blocker_id, :blocked_id, :uri, :now)
on conflict (blocker_id, blocked_id) do update set uri = excluded.uri

-- delete_block
-- And does again.
-- hot
delete from block
where blocker_id = :blocker_id and blocked_id = :blocked_id

-- blocks
-- Whether one has blocked the other.
-- hot
select 1
from block
where blocker_id = :blocker_id and blocked_id = :blocked_id

-- blocks_between [sqlite]
-- Which of two sets of actors have blocked one of the other set; both come as JSON arrays of their numbers.
-- hot
select blocker_id, blocked_id
from block
where blocker_id in (select value from json_each(:ours))
  and blocked_id in (select value from json_each(:theirs))
union all
select blocker_id, blocked_id
from block
where blocker_id in (select value from json_each(:theirs))
  and blocked_id in (select value from json_each(:ours))

-- blocks_between [postgres]
select blocker_id, blocked_id
from block
where blocker_id in (select value::bigint from json_array_elements_text(:ours::json))
  and blocked_id in (select value::bigint from json_array_elements_text(:theirs::json))
union all
select blocker_id, blocked_id
from block
where blocker_id in (select value::bigint from json_array_elements_text(:theirs::json))
  and blocked_id in (select value::bigint from json_array_elements_text(:ours::json))

-- uri_of_block
-- The id of the Block that stands between two.
-- hot
select uri
from block
where blocker_id = :blocker_id and blocked_id = :blocked_id

-- blocked_by
-- Whom somebody wants to hear nothing of, the latest first.
-- hot
select a.uri, a.name, a.domain, b.created_at
from block b
join actor a on a.id = b.blocked_id
where b.blocker_id = :blocker_id
order by b.created_at desc, a.uri
limit :size

-- blocked_by_uri
-- Whom a Block activity was about.
-- hot
select blocked_id
from block
where blocker_id = :blocker_id and uri = :uri

-- peers
-- Servers that somebody here follows, or that follow somebody here, with what is known of them.
select p.host, p.followers, p.following, coalesce(h.software, '') as software, coalesce(h.failures, 0) as failures,
  h.last_heard_at, h.last_success_at
from (
  select a.domain as host,
    sum(case when f.followed_id = a.id then 0 else 1 end) as followers,
    sum(case when f.followed_id = a.id then 1 else 0 end) as following
  from follow f
  join actor a on a.id in (f.follower_id, f.followed_id) and not a.local
  where f.state = 'accepted'
  group by a.domain
) p
left join host h on h.host = p.host
order by p.host
limit :size

-- one_of_each_inbox
-- Of everybody known elsewhere one for each shared inbox: enough to reach every server once.
select min(uri)
from actor
where not local and deleted_at is null
group by coalesce(shared_inbox, inbox)

-- pending_of_domain
-- How many of one server wait for an answer of somebody here; nobody counts further than it matters.
-- hot
select count(*)
from (
  select 1
  from follow f
  join actor a on a.id = f.follower_id and a.domain = :domain
  where f.followed_id = :followed_id and f.state = 'pending'
  limit :most
) waiting

-- local_followers
-- Who follows somebody from here, the first first.
-- hot
select f.follower_id
from follow f
join actor a on a.id = f.follower_id and a.local
where f.followed_id = :followed_id and f.state = 'accepted'
order by f.id
limit :size

-- ask_to_move
-- Somebody says that they have moved. No row while they have just said it, or have moved not long ago.
insert into move (actor_id, target_uri, asked_at)
values (:actor_id, :target_uri, :now)
on conflict (actor_id) do update
set target_uri = excluded.target_uri, asked_at = excluded.asked_at
where move.asked_at <= :asked_before and coalesce(move.moved_at, 0) <= :moved_before

-- mark_moved
-- Both accounts have confirmed it. No row when they have moved not long ago.
insert into move (actor_id, target_uri, asked_at, moved_at)
values (:actor_id, :target_uri, :now, :now)
on conflict (actor_id) do update
set target_uri = excluded.target_uri, moved_at = excluded.moved_at
where coalesce(move.moved_at, 0) <= :moved_before

-- moved_since
-- Whether somebody has left this account not long ago.
-- hot
select 1
from move
where actor_id = :actor_id and moved_at > :since

-- local_follower_uris
-- The same by their ids on the network, for a digest of them.
-- hot
select a.uri
from follow f
join actor a on a.id = f.follower_id and a.local
where f.followed_id = :followed_id and f.state = 'accepted'
limit :size
