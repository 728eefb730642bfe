-- rules_about [sqlite]
-- What was decided about these hosts and ids, which come as a JSON array.
-- hot
select subject as name, severity as word
from policy
where subject in (select value from json_each(:names))
union all
select host as name, 'partner' as word
from partner_host
where host in (select value from json_each(:names))

-- rules_about [postgres]
select subject as name, severity as word
from policy
where subject in (select value from json_array_elements_text(:names::json))
union all
select host as name, 'partner' as word
from partner_host
where host in (select value from json_array_elements_text(:names::json))

-- every_rule
-- All that was decided, to be kept in memory.
select subject as name, severity as word
from policy
union all
select host as name, 'partner' as word
from partner_host

-- listing
-- The rules as an administrator reads them.
select subject, severity, comment, note, created_at
from policy
order by subject

-- keep_rule
-- The latest word about a subject is the one that counts.
insert into policy (subject, severity, comment, note, created_at)
values (:subject, :severity, :comment, :note, :created_at)
on conflict (subject) do update set
  severity = excluded.severity,
  comment = excluded.comment,
  note = excluded.note

-- drop_rule
delete from policy
where subject = :subject

-- let_in
insert into partner_host (host)
values (:host)
on conflict do nothing

-- let_go
delete from partner_host
where host = :host

-- everybody_elsewhere
-- Whoever is known of other servers, to see whom a change of the rules concerns.
select id, uri, domain
from actor
where not local
