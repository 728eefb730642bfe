-- insert
-- Somebody finds something wrong.
insert into report (id, target_id, reporter_id, host, objects, content, created_at)
values (:id, :target_id, :reporter_id, :host, :objects, :content, :created_at)

-- listing
-- Reports with who they are about and who sent them, newest first.
-- hot
select r.id, r.host, r.objects, r.content, r.created_at, r.closed_at,
  target.uri as target_uri, target.name as target_name, target.domain as target_domain,
  target.display_name as target_display_name, target.page_url as target_page, target.local as target_local,
  reporter.name as reporter_name, reporter.domain as reporter_domain
from report r
join actor target on target.id = r.target_id
join actor reporter on reporter.id = r.reporter_id
where r.id < :before
  /* filters */
order by r.id desc
limit :size

-- filter: only_open
and r.closed_at is null

-- close
-- An administrator has dealt with it.
update report
set closed_at = :now
where id = :id and closed_at is null

-- count_of_host
-- How many a server has sent lately.
-- hot
select count(*)
from report
where host = :host and created_at > :since

-- count_open_of_host
-- How many of a server nobody has closed: a flood that goes on for days must not fill the page.
-- hot
select count(*)
from report
where host = :host and closed_at is null

-- count_of_reporter
-- How many a person has written lately.
-- hot
select count(*)
from report
where reporter_id = :reporter_id and created_at > :since
