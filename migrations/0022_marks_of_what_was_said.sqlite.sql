-- What was done with fills the disk: it is remembered by marks instead of its ids in full, and of its row there stays
-- what somebody reads. `sha256` is lent to the migrations by their runner: SQLite has none.
create table said_once (
  said bytea not null,                 -- 16 bytes of the SHA-256 of '<origin> <uri>'
  type text not null,
  digest bytea not null,               -- 16 bytes of the SHA-256 of what tells two bodies apart
  applied_at bigint not null,
  primary key (said, type, digest)
) without rowid;
insert into said_once (said, type, digest, applied_at)
select substr(sha256(origin || ' ' || uri), 1, 16), type, substr(sha256(digest), 1, 16), applied_at from applied;
drop table applied;
alter table said_once rename to applied;
create index applied_age on applied (applied_at);

-- Written anew, not shortened: a row that is shortened in its place leaves a hole.
create table done_with as select id, uri, type, actor_uri, received_at, state, attempts, outcome
from activity_in where state in ('applied', 'dropped') and length(body) = 0;
delete from activity_in where state in ('applied', 'dropped') and length(body) = 0;
insert into activity_in (id, uri, type, actor_uri, signer_uri, origin, body, digest, signed_at, received_at,
  state, attempts, due_at, lease_until, outcome)
select id, uri, type, actor_uri, '', '', x'', '', 0, received_at, state, attempts, 0, 0, outcome
from done_with;
drop table done_with;
