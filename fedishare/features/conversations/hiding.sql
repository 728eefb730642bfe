-- remember_circles
-- sees all: where things go back to, which nobody is told
insert into hidden (object_id, circle_id)
select o.id, o.circle_id
from object o
where o.owner_id = :owner_id and o.circle_id <> :nobody
on conflict (object_id) do nothing

-- hide_objects
update object set circle_id = :nobody
where owner_id = :owner_id

-- show_objects
update object set circle_id = (select h.circle_id from hidden h where h.object_id = object.id)
where owner_id = :owner_id and exists (select 1 from hidden h where h.object_id = object.id)

-- forget_circles
-- sees all: what belongs to whom, which nobody is told
delete from hidden
where object_id in (select o.id from object o where o.owner_id = :owner_id)

-- posts_as_objects
-- sees all: a post is seen by whoever sees its object
-- hot
update post set circle_id = (select o.circle_id from object o where o.id = post.id)
where author_id = :author_id

-- forget_notices
delete from notification
where actor_id = :actor_id
