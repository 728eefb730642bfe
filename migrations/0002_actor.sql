-- Everybody who can act, here and elsewhere. A deleted actor keeps its row: its name and id are taken for ever.
create table actor (
  id bigint primary key,
  uri text not null,
  local boolean not null,
  kind text not null,                  -- Person, Organization, Group, Service, Application
  name text not null,                  -- preferredUsername
  domain text not null,                -- of the handle: name@domain
  display_name text not null,
  summary text not null,               -- sanitised HTML
  page_url text not null,
  inbox text not null,
  shared_inbox text,
  outbox text,
  followers text,
  following text,
  featured text,
  proposals text,                      -- FEP-0837: where its proposals are listed
  approves_followers boolean not null,
  discoverable boolean not null,
  indexable boolean not null,
  speaks_fedishare boolean not null,   -- generator.implements names FEP-0837, so there is something to backfill
  created_at bigint not null,
  fetched_at bigint not null,
  deleted_at bigint
);
create unique index actor_uri on actor (uri);
create unique index actor_local_name on actor (name) where local;
create index actor_handle on actor (domain, name);
create index actor_followers on actor (followers);

-- Public keys of everybody; private ones, sealed, of those who live here (FEP-521a, SECURITY 6.10).
create table key (
  id bigint primary key,
  uri text not null,
  actor_id bigint not null references actor (id),
  kind text not null,                  -- rsa, ed25519
  public_pem text not null,
  private_sealed bytea,
  created_at bigint not null,
  fetched_at bigint not null,
  retired_at bigint
);
create unique index key_uri on key (uri);
create index key_actor on key (actor_id);
