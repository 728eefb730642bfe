-- Who may see what: a thing belongs to one circle, and a circle has members. Actor 0 is anyone at all.
create table circle (
  id bigint primary key,
  kind text not null,                  -- public, members, partners, nobody, followers, direct, group
  owner_id bigint                      -- the actor whose followers these are; null for the others
);
create unique index circle_of_owner on circle (kind, owner_id) where owner_id is not null;

create table circle_member (
  circle_id bigint not null references circle (id),
  actor_id bigint not null,
  primary key (circle_id, actor_id)
);
create index circle_member_actor on circle_member (actor_id);

-- 4 has no members: what is said to an address and shown to nobody afterwards, such as a Follow.
insert into circle (id, kind) values (1, 'public'), (2, 'members'), (3, 'partners'), (4, 'nobody');
insert into circle_member (circle_id, actor_id) values (1, 0);
