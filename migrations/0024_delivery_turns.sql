-- When a server has its next turn stands in its own row, so that finding whose turn it is costs the same with a million
-- deliveries waiting as with ten. Whoever says something only adds a call: two that write at once never wait for each
-- other, and the worker alone turns calls into turns.
create table host_call (
  id bigint primary key,               -- of the first of the deliveries that it stands for
  host text not null
);

alter table host add column due_at bigint;                        -- its next turn; null where nothing waits for it
alter table host add column lease_until bigint not null default 0; -- it has its turn until then, at the latest
alter table host add column failed_days integer not null default 0; -- on how many days it has failed, without a success
alter table host add column failed_at bigint;                     -- the last time

-- Those that answer come first, then the unknown, then those that fail.
create index host_due_answering on host (due_at) where failures = 0 and last_success_at is not null;
create index host_due_unknown on host (due_at) where failures = 0 and last_success_at is null;
create index host_due_failing on host (due_at) where failures > 0;

-- How often a delivery has broken the worker, by a mistake of ours.
alter table delivery add column strikes integer not null default 0;

update host set failed_days = 1, failed_at = failing_since where failures > 0;

insert into host_call (id, host)
select min(id), host from delivery where state = 'waiting' group by host;
