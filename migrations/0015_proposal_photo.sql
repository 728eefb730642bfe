-- Photos of what others publish, by their address and in their order: nothing is fetched, and no page leads readers there.
create table proposal_photo (
  proposal_id bigint not null references proposal (id),
  position integer not null,
  url text not null,
  name text not null,                  -- what it shows, in words; '' when nobody said
  primary key (proposal_id, position)
);
