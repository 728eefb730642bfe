-- made_by
-- What this very form made when it came the first time.
-- hot
select result_id
from form_sent
where form = :form

-- keep_sent
-- 0 rows when this very form came before.
insert into form_sent (form, result_id, sent_at)
values (:form, 0, :now)
on conflict do nothing

-- keep_made
-- hot
update form_sent set result_id = :result_id where form = :form

-- forget_sent
-- Nobody's browser sends a form again after so long.
delete from form_sent
where sent_at < :before
