-- What was done with fills the disk: it is remembered by marks instead of its ids in full, and of its row there stays
-- what somebody reads.
create table said_once (
  said bytea not null,                 -- 16 bytes of the SHA-256 of '<origin> <uri>'
  type text not null,
  digest bytea not null,               -- 16 bytes of the SHA-256 of what tells two bodies apart
  applied_at bigint not null,
  primary key (said, type, digest)
);
insert into said_once (said, type, digest, applied_at)
select substr(sha256(convert_to(origin || ' ' || uri, 'UTF8')), 1, 16), type,
  substr(sha256(convert_to(digest, 'UTF8')), 1, 16), applied_at
from applied;
drop table applied;
alter table said_once rename to applied;
alter index said_once_pkey rename to applied_pkey;
create index applied_age on applied (applied_at);

update activity_in set signer_uri = '', origin = '', digest = '', signed_at = 0, due_at = 0
where state in ('applied', 'dropped') and length(body) = 0;
