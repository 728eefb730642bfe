-- made_by
-- What this very form made when it came the first time.
-- hot
select result_id
from form_sent
where form = :form

-- keep_sent
insert into form_sent (form, result_id, sent_at)
values (:form, :result_id, :now)

-- forget_sent
-- Nobody's browser sends a form again after so long.
delete from form_sent
where sent_at < :before
