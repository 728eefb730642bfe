-- partnership
-- What stands between us and an association.
-- hot
select actor_id, state, by_us, offer_uri, signed_at, changed_at, created_at
from partner
where actor_id = :actor_id

-- save
insert into partner (actor_id, state, by_us, offer_uri, signed_at, changed_at, created_at)
values (:actor_id, :state, :by_us, :offer_uri, :signed_at, :changed_at, :created_at)
on conflict (actor_id) do update set
  state = excluded.state,
  by_us = excluded.by_us,
  offer_uri = excluded.offer_uri,
  signed_at = excluded.signed_at,
  changed_at = excluded.changed_at

-- in_state
-- Those of one state with who they are, the last change first.
-- hot
select p.actor_id, p.state, p.by_us, p.changed_at, a.uri, a.name, a.domain, a.display_name, a.page_url,
  a.speaks_fedishare, a.proposals is not null as backfills, coalesce(ours.state, '') as we_follow,
  coalesce(theirs.state, '') as they_follow
from partner p
join actor a on a.id = p.actor_id
left join follow ours on ours.follower_id = :association_id and ours.followed_id = p.actor_id
left join follow theirs on theirs.follower_id = p.actor_id and theirs.followed_id = :association_id
where p.state = :state
order by p.changed_at desc, p.actor_id desc
limit :size

-- count_waiting
-- How many wait for an answer: in all, and of one server.
select count(*) as everywhere, coalesce(sum(case when a.domain = :domain then 1 else 0 end), 0) as of_server
from partner p
join actor a on a.id = p.actor_id
where p.state = 'waiting'

-- partner_uris
-- Whom something for partners is addressed to.
-- hot
select a.uri
from partner p
join actor a on a.id = p.actor_id
where p.state = 'partner' and a.deleted_at is null
order by a.id

-- spoken_with_uris
-- Those whose servers are spoken with in the mode "partners".
select a.uri
from partner p
join actor a on a.id = p.actor_id
where p.state in ('asked', 'partner')
