-- said_by
-- What somebody here said in public and still holds, newest first, one page. What was deleted or taken back is not
-- shown; of what was edited the object as it is now is.
-- hot
select a.id, a.uri, a.type, a.json, o.json as object_json
from activity_out a
left join object o on o.uri = a.object_uri
where a.actor_id = :actor_id and a.type in ('Create', 'Announce') and a.id < :before
  and (a.type = 'Announce' or (o.id is not null and o.deleted_at is null))
  and exists (select 1 from circle_member m where m.circle_id = a.circle_id and m.actor_id in (0, :viewer))
  and not exists (select 1 from activity_out u where u.object_uri = a.uri and u.type = 'Undo')
order by a.id desc
limit :size

-- count_said_by
-- How many those are.
-- hot
select count(*)
from activity_out a
left join object o on o.uri = a.object_uri
where a.actor_id = :actor_id and a.type in ('Create', 'Announce')
  and (a.type = 'Announce' or (o.id is not null and o.deleted_at is null))
  and exists (select 1 from circle_member m where m.circle_id = a.circle_id and m.actor_id in (0, :viewer))
  and not exists (select 1 from activity_out u where u.object_uri = a.uri and u.type = 'Undo')

-- said
-- One activity by its id, as far as this reader may see it.
-- hot
select a.uri, a.type, a.json, a.actor_id, o.json as object_json, o.deleted_at as object_deleted_at
from activity_out a
left join object o on o.uri = a.object_uri
where a.uri = :uri
  and exists (select 1 from circle_member m where m.circle_id = a.circle_id and m.actor_id in (0, :viewer))
