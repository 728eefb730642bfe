-- What was decided once and must not drift: base URL, handle domain, name of the association's actor.
create table setting (
  name text primary key,
  value text not null
);
