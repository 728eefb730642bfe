-- What this instance has decided about other servers and about single actors, and who is a partner.
create table policy (
  subject text primary key,            -- a host, for itself and all names below it; or the id of an actor
  severity text not null,              -- allow, limit, block
  comment text not null,               -- why, for everybody
  note text not null,                  -- why, for administrators alone
  created_at bigint not null
);

-- Servers that speak with us in the mode "partners": those of partners, and those we have asked.
create table partner_host (
  host text primary key
);

-- Things of those who are blocked belong to the circle of nobody; here is the circle they go back to.
create table hidden (
  object_id bigint primary key references object (id),
  circle_id bigint not null references circle (id)
);
