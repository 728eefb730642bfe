-- Every object by its id, ours and theirs, alive or deleted: what makes an id taken for ever and a late Create harmless.
create table object (
  id bigint primary key,
  uri text not null,
  kind text not null,                  -- Note, Proposal, ...
  owner_id bigint not null references actor (id),
  circle_id bigint not null references circle (id),
  json text not null,                  -- as sent or received; '{}' once deleted
  published_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index object_uri on object (uri);
create index object_owner on object (owner_id, id);

-- Deleted before it ever arrived: its Create must not bring it back (INTEROP B.8.8).
create table tombstone (
  uri text primary key,
  owner_uri text not null,
  deleted_at bigint not null
);
