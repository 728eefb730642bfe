-- Who follows whom. One row a pair, whatever ids the Follow activities had (INTEROP D.13).
create table follow (
  id bigint primary key,
  uri text not null,                   -- of the latest Follow activity
  follower_id bigint not null references actor (id),
  followed_id bigint not null references actor (id),
  state text not null,                 -- pending, accepted, rejected, undone
  signed_at bigint not null,           -- of the message that set the state: a later Follow outweighs an earlier Undo
  answered_at bigint,                  -- when we last sent an Accept: at most once a minute
  created_at bigint not null
);
create unique index follow_pair on follow (follower_id, followed_id);
create index follow_uri on follow (uri);
create index follow_followed on follow (followed_id, state, id);
create index follow_follower on follow (follower_id, state, id);
