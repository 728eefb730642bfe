-- Work that must be done and may wait.
create table job (
  id bigint primary key,
  kind text not null,
  payload text not null,
  once text,                           -- two waiting jobs with the same text are one
  state text not null,                 -- waiting, done, dead
  attempts integer not null,
  due_at bigint not null,
  lease_until bigint not null,
  outcome text not null,
  created_at bigint not null
);
create unique index job_once on job (kind, once) where state = 'waiting' and once is not null;
create index job_waiting on job (due_at, id) where state = 'waiting';
