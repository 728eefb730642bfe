-- Offers and needs, ours and others'. The id is that of its object.
create table proposal (
  id bigint primary key references object (id),
  uri text not null,
  origin text not null,                -- here, or the host it comes from
  owner_id bigint not null references actor (id),
  author_id bigint references actor (id),   -- the member who wrote it; never shown where it speaks for the association
  circle_id bigint not null references circle (id),
  purpose text not null,               -- offer, request
  action text not null,                -- transfer, use, deliverService, work, cite; others as text
  title text not null,
  source text not null,                -- Markdown; '' for a remote one
  content text not null,               -- sanitised HTML of the words alone
  category text not null,              -- '' for none
  place_name text not null,
  latitude integer,                    -- 1e-6 degree, already snapped
  longitude integer,
  quantity text not null,              -- decimal
  unit text not null,
  conditions text not null,            -- what is expected in return, in words; '' for a gift
  begins_at bigint,
  ends_at bigint,                      -- expiry
  state text not null,                 -- open, closed
  language text not null,
  page_url text not null,
  live boolean not null,               -- false when backfilled or imported: notifies nobody
  published_at bigint not null,
  updated_at bigint not null,
  sent_at bigint not null,             -- of the last Update told to others
  deleted_at bigint
);
create unique index proposal_uri on proposal (uri);
create index proposal_open on proposal (published_at, id) where state = 'open' and deleted_at is null;
create index proposal_of_owner on proposal (owner_id, id);
create index proposal_of_author on proposal (author_id, id);
create index proposal_of_origin on proposal (origin, id);
create index proposal_by_date on proposal (published_at, id) where deleted_at is null;
