-- What came in, kept as it was sent until it is applied (SECURITY 3.3).
create table activity_in (
  id bigint primary key,
  uri text not null,                   -- '' when it has none
  type text not null,
  actor_uri text not null,
  signer_uri text not null,
  origin text not null,                -- of the signer: the queue's order is kept within it
  body bytea not null,                 -- empty once applied: the effect holds what counts
  digest text not null,
  signed_at bigint not null,
  received_at bigint not null,
  state text not null,                 -- waiting, applied, dropped, dead
  attempts integer not null,
  due_at bigint not null,
  lease_until bigint not null,
  outcome text not null                -- why dropped, or the last trouble
);
create index activity_in_waiting on activity_in (due_at, id) where state = 'waiting';
create index activity_in_leased on activity_in (lease_until, origin) where state = 'waiting' and lease_until > 0;
create index activity_in_state on activity_in (state, id);

-- The row that makes an activity count once; written in the transaction of its effect.
create table applied (
  origin text not null,
  uri text not null,
  type text not null,
  digest text not null,
  applied_at bigint not null,
  primary key (origin, uri, type, digest)
);
create index applied_age on applied (applied_at);

create table activity_out (
  id bigint primary key,
  uri text not null,
  actor_id bigint not null references actor (id),
  type text not null,
  object_uri text not null,
  circle_id bigint not null references circle (id),
  json text not null,                  -- as it goes over the wire, byte for byte
  created_at bigint not null
);
create unique index activity_out_uri on activity_out (uri);
create index activity_out_actor on activity_out (actor_id, id);
create index activity_out_object on activity_out (object_uri);

-- One row an inbox; nothing else remembers that somebody must be told.
create table delivery (
  id bigint primary key,
  activity_id bigint not null references activity_out (id),
  host text not null,
  inbox text not null,
  topic text not null,                 -- what it is about: two on one topic reach an inbox in their order
  state text not null,                 -- waiting, done, dead
  attempts integer not null,
  due_at bigint not null,
  lease_until bigint not null,
  status integer,                      -- of the last answer
  outcome text not null,
  created_at bigint not null
);
create unique index delivery_once on delivery (activity_id, inbox);
create index delivery_waiting on delivery (host, due_at, id) where state = 'waiting';
create index delivery_leased on delivery (lease_until, host) where state = 'waiting' and lease_until > 0;
create index delivery_topic on delivery (inbox, topic, id) where state = 'waiting';
create index delivery_state on delivery (state, id);

-- Inboxes that answered 410: nothing is sent there until their host speaks to us again.
create table gone_inbox (
  inbox text primary key,
  host text not null,
  since bigint not null
);
create index gone_inbox_host on gone_inbox (host);

-- What we know of another server: its breaker, the scheme it understands, when it last spoke.
create table host (
  host text primary key,
  failures integer not null,           -- in a row
  open_until bigint not null,          -- nothing is tried before
  failing_since bigint,
  last_success_at bigint,
  last_heard_at bigint,
  scheme text not null,                -- cavage, rfc9421
  software text not null
);
create index host_failing on host (open_until) where failures > 0;
