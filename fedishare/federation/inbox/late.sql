-- late
-- What came in and waits, or was given up, oldest first.
select id, uri, type, actor_uri, origin, state, attempts, due_at, lease_until, outcome, received_at
from activity_in
where id in (
  select id from activity_in where state = 'waiting' /* filters */
  union all
  select id from activity_in where state = 'dead' /* filters */
)
order by id
limit :size

-- filter: said
and (uri = :said or actor_uri = :said)

-- filter: host
and origin in ('https://' || :host, 'http://' || :host)
