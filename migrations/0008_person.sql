-- People who can sign in here. The actor is how the world sees them; this is what only we know.
create table person (
  id bigint primary key,
  actor_id bigint not null references actor (id),
  email text not null,
  password_hash text,                  -- null: no password sign-in
  role text not null,                  -- admin, member
  language text not null,              -- '' until chosen
  created_at bigint not null
);
create unique index person_actor on person (actor_id);
create unique index person_email on person (email);

create table session (
  token_hash bytea primary key,
  person_id bigint not null references person (id),
  created_at bigint not null,
  seen_at bigint not null
);
create index session_person on session (person_id);

-- The one-time link of the first run.
create table first_run (
  token_hash bytea primary key,
  created_at bigint not null
);

-- Failed sign-ins, so that guessing gets slower (SECURITY 6.8).
create table sign_in_failure (
  id bigint primary key,
  whom text not null,                  -- account or address
  failed_at bigint not null
);
create index sign_in_failure_whom on sign_in_failure (whom, failed_at);
