-- object_by_uri
-- sees all: an id is looked up to know whether it is taken, and by whom; nothing of it is shown.
select id, uri, kind, owner_id, circle_id, json, published_at, updated_at, deleted_at
from object
where uri = :uri

-- objects_by_uris [sqlite]
-- Several, by their ids on the network, which come as a JSON array.
-- hot
-- sees all: ids are looked up to know whether they are taken, and by whom; nothing of it is shown.
select id, uri, kind, owner_id, circle_id, json, published_at, updated_at, deleted_at
from object
where uri in (select value from json_each(:uris))

-- objects_by_uris [postgres]
select id, uri, kind, owner_id, circle_id, json, published_at, updated_at, deleted_at
from object
where uri in (select value from json_array_elements_text(:uris::json))

-- tombstone_owners [sqlite]
-- Who said of which of these ids that they were deleted.
select uri, owner_uri from tombstone where uri in (select value from json_each(:uris))

-- tombstone_owners [postgres]
select uri, owner_uri from tombstone where uri in (select value from json_array_elements_text(:uris::json))

-- object_by_id
-- sees all: what a thread hangs from decides who validates in it; nothing of it is shown.
select id, uri, kind, owner_id, circle_id, json, published_at, updated_at, deleted_at
from object
where id = :id

-- object_seen
-- What may be served of an object, by its id, to whoever asks; a deleted one is found too, for its 410.
-- hot
select id, uri, kind, owner_id, circle_id, json, published_at, updated_at, deleted_at
from object
where id = :id
  and exists (
    select 1 from circle_member m
    where m.circle_id = object.circle_id and m.actor_id in (0, :viewer)
  )

-- keep_object
-- A new object; one whose id is taken stays as it is.
insert into object (id, uri, kind, owner_id, circle_id, json, published_at, updated_at)
values (:id, :uri, :kind, :owner_id, :circle_id, :json, :published_at, :updated_at)
on conflict do nothing

-- change_object
-- Its newer form; an older one changes nothing, and nothing comes back from the dead.
update object set json = :json, updated_at = :updated_at
where id = :id and updated_at < :updated_at and deleted_at is null

-- narrow_object
-- Fewer may see it from now on.
update object set circle_id = :circle_id
where id = :id and deleted_at is null

-- delete_object
-- Nothing of it is kept but that it was there.
update object set json = '{}', deleted_at = :now
where id = :id and deleted_at is null

-- delete_objects_of
-- All that belonged to somebody who is gone for good.
update object set json = '{}', deleted_at = :now
where owner_id = :owner_id and deleted_at is null

-- keep_tombstone
-- Deleted before it ever arrived.
insert into tombstone (uri, owner_uri, deleted_at)
values (:uri, :owner_uri, :now)
on conflict do nothing

-- tombstone_owner
-- Who said that this id was deleted, if anybody did.
select owner_uri from tombstone where uri = :uri
