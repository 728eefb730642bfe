-- new_circle
-- A circle that is still empty. Of followers there is one a given owner: of a second nothing happens.
insert into circle (id, kind, owner_id)
values (:id, :kind, :owner_id)
on conflict do nothing

-- circle_of
-- The circle of an owner's followers.
-- hot
select id
from circle
where kind = 'followers' and owner_id = :owner_id

-- join
-- Somebody may see what the circle sees.
insert into circle_member (circle_id, actor_id)
values (:circle_id, :actor_id)
on conflict (circle_id, actor_id) do nothing

-- leave
-- Somebody may no longer.
-- hot
delete from circle_member
where circle_id = :circle_id and actor_id = :actor_id

-- leave_all
-- Who is gone sees nothing any more.
-- hot
delete from circle_member
where actor_id = :actor_id

-- elsewhere
-- Who is in a circle and lives on another server.
-- hot
select a.uri
from circle_member m
join actor a on a.id = m.actor_id
where m.circle_id = :circle_id and not a.local and a.deleted_at is null
order by a.id

-- is_member
-- Whether somebody sees what the circle sees; everybody does where actor 0 is a member.
-- hot
select 1
from circle_member
where circle_id = :circle_id and actor_id in (0, :actor_id)
limit 1
