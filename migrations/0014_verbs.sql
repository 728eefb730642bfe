-- What others do that must be remembered: an edit that overtook its post, and who has moved where.
create table early_edit (
  uri text primary key,
  owner_id bigint not null references actor (id),
  json text not null,
  updated_at bigint not null,
  kept_at bigint not null
);
create index early_edit_age on early_edit (kept_at);

-- One row an actor: asked for as often as they like, followed once in thirty days.
create table move (
  actor_id bigint primary key references actor (id),
  target_uri text not null,
  asked_at bigint not null,
  moved_at bigint                      -- null until the target has confirmed it
);

-- What somebody did goes with them.
create index reaction_actor on reaction (actor_id);
