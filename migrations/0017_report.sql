-- What somebody finds wrong about somebody: said here, or on another server whose instance passes it on.
create table report (
  id bigint primary key,
  target_id bigint not null references actor (id),
  reporter_id bigint not null references actor (id),   -- a person here; elsewhere usually the instance
  host text not null,                                   -- of the server that sent it; '' for what was said here
  objects text not null,                                -- JSON list of ids: what the target is said to have published
  content text not null,                                -- plain text, as it was written
  created_at bigint not null,
  closed_at bigint
);
create index report_open on report (id) where closed_at is null;
create index report_host on report (host, created_at);
create index report_reporter on report (reporter_id, created_at);
