-- keep_early_edit
-- An edit whose post has not come; of several the latest.
insert into early_edit (uri, owner_id, json, updated_at, kept_at)
values (:uri, :owner_id, :json, :updated_at, :now)
on conflict (uri) do update
set json = excluded.json, updated_at = excluded.updated_at, kept_at = excluded.kept_at
where early_edit.owner_id = excluded.owner_id and early_edit.updated_at < excluded.updated_at

-- early_edit
-- What waits for its post.
select json, updated_at
from early_edit
where uri = :uri and owner_id = :owner_id

-- early_edits [sqlite]
-- For which of these ids something waits, as a JSON array.
select uri, owner_id
from early_edit
where uri in (select value from json_each(:uris))

-- early_edits [postgres]
select uri, owner_id
from early_edit
where uri in (select value from json_array_elements_text(:uris::json))

-- drop_early_edit
-- Its post has come, or was deleted: whatever waited for it waits no longer.
delete from early_edit
where uri = :uri and owner_id = :owner_id

-- forget_early_edits
delete from early_edit
where kept_at < :before
