-- Associations elsewhere that are partners, asked to be, or want to be (WIRE "Instances"). A mutual follow makes nobody
-- a partner: somebody has to say yes.
create table partner (
  actor_id bigint primary key references actor (id),
  state text not null,                 -- asked, waiting, partner, refused, ended
  by_us boolean not null,              -- whose Offer it is
  offer_uri text not null,             -- its id; '' where other software is asked by a follow alone
  signed_at bigint not null,           -- of their message that set the state; 0 where we did
  changed_at bigint not null,
  created_at bigint not null
);
create index partner_state on partner (state, changed_at);

-- Until now the circle of partners held whoever a mutual follow had put there.
delete from circle_member where circle_id = 3;

-- What partners may see, members here may see as well.
insert into circle_member (circle_id, actor_id)
select 3, actor_id from circle_member where circle_id = 2;
