-- What people write about a proposal, or to each other. The id is that of its object.
create table post (
  id bigint primary key references object (id),
  uri text not null,
  author_id bigint not null references actor (id),
  circle_id bigint not null references circle (id),
  thread_id bigint not null,           -- the id of the thread's first object
  proposal_id bigint references proposal (id),
  in_reply_to text,
  content text not null,               -- sanitised HTML
  source text not null,                -- Markdown; '' for a remote one
  warning text not null,               -- content warning
  language text not null,
  page_url text not null,
  state text not null,                 -- shown, held (waits for the steward), refused
  steward_id bigint references actor (id),   -- who validates it here; null when nobody does
  published_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create unique index post_uri on post (uri);
create index post_of_proposal on post (proposal_id, published_at, id);
create index post_of_thread on post (thread_id, published_at, id);
create index post_of_circle on post (circle_id, id);
create index post_held on post (steward_id, id) where state = 'held';

create table reaction (
  id bigint primary key,
  kind text not null,                  -- like, announce
  actor_id bigint not null references actor (id),
  object_uri text not null,
  uri text not null,
  created_at bigint not null
);
create unique index reaction_once on reaction (kind, actor_id, object_uri);
create index reaction_uri on reaction (uri);
create index reaction_object on reaction (object_uri, kind);

create table notification (
  id bigint primary key,
  person_id bigint not null references person (id),
  kind text not null,                  -- reply, direct, like, announce, follow
  actor_id bigint not null references actor (id),
  object_id bigint,
  created_at bigint not null,
  seen_at bigint
);
create unique index notification_once on notification (person_id, kind, actor_id, object_id) where object_id is not null;
create index notification_of on notification (person_id, id);

create table block (
  blocker_id bigint not null references actor (id),
  blocked_id bigint not null references actor (id),
  uri text not null,
  created_at bigint not null,
  primary key (blocker_id, blocked_id)
);
