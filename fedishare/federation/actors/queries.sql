-- by_uri
-- One actor by its id on the network.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where uri = :uri

-- by_id
-- One actor by our own number.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where id = :id

-- by_ids [sqlite]
-- Several actors by our own numbers, which come as a JSON array.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where id in (select value from json_each(:ids))

-- by_ids [postgres]
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where id in (select value::bigint from json_array_elements_text(:ids::json))

-- by_uris [sqlite]
-- Several actors by their ids on the network, which come as a JSON array.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where uri in (select value from json_each(:uris))

-- by_uris [postgres]
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where uri in (select value from json_array_elements_text(:uris::json))

-- local_by_name
-- Somebody who lives here, also after the end.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where name = :name and local

-- by_handle
-- Somebody known by name@domain. Two ids may claim one handle; the one known longest has it.
-- hot
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where domain = :domain and lower(name) = :name and deleted_at is null
order by local desc, id
limit 1

-- association
-- The actor of whoever this instance belongs to.
-- hot
select a.id, a.uri, a.local, a.kind, a.name, a.domain, a.display_name, a.summary, a.page_url, a.inbox, a.shared_inbox,
  a.outbox, a.followers, a.following, a.featured, a.proposals, a.approves_followers, a.discoverable, a.indexable,
  a.speaks_fedishare, a.created_at, a.fetched_at, a.deleted_at
from setting s
join actor a on a.name = s.value and a.local
where s.name = 'association'

-- local_of_kind
-- The first local actor of a kind: the instance's own is the only Application.
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where local and kind = :kind
order by id
limit 1

-- insert_local
-- A new actor of our own.
insert into actor (id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox,
  followers, following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at,
  fetched_at)
values (:id, :uri, :local, :kind, :name, :domain, :display_name, :summary, :page_url, :inbox, :shared_inbox, :outbox,
  :followers, :following, :featured, :proposals, :approves_followers, :discoverable, :indexable, :speaks_fedishare,
  :created_at, :fetched_at)

-- save_remote
-- Somebody elsewhere as their server shows them now. Whoever lives here is never overwritten from there; a handle
-- stays as it is until WebFinger proves another one.
insert into actor (id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox,
  followers, following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at,
  fetched_at)
values (:id, :uri, :local, :kind, :name, :domain, :display_name, :summary, :page_url, :inbox, :shared_inbox, :outbox,
  :followers, :following, :featured, :proposals, :approves_followers, :discoverable, :indexable, :speaks_fedishare,
  :created_at, :fetched_at)
on conflict (uri) do update set
  kind = excluded.kind,
  name = case when :keeps_handle then actor.name else excluded.name end,
  domain = case when :keeps_handle then actor.domain else excluded.domain end,
  display_name = excluded.display_name,
  summary = excluded.summary,
  page_url = excluded.page_url,
  inbox = excluded.inbox,
  shared_inbox = excluded.shared_inbox,
  outbox = excluded.outbox,
  followers = excluded.followers,
  following = excluded.following,
  featured = excluded.featured,
  proposals = excluded.proposals,
  approves_followers = excluded.approves_followers,
  discoverable = excluded.discoverable,
  indexable = excluded.indexable,
  speaks_fedishare = excluded.speaks_fedishare,
  fetched_at = excluded.fetched_at,
  deleted_at = null
where not actor.local

-- change_profile
-- What somebody here says about themselves; the time of the change is also the version of the document.
update actor set
  display_name = :display_name,
  summary = :summary,
  approves_followers = :approves_followers,
  discoverable = :discoverable,
  indexable = :indexable,
  fetched_at = case when fetched_at < :now then :now else fetched_at + 1 end
where id = :id and deleted_at is null

-- erase
-- Nothing is kept of somebody but the name and the id, which are taken for ever.
update actor set
  display_name = '',
  summary = '',
  discoverable = false,
  indexable = false,
  fetched_at = :now,
  deleted_at = :now
where id = :id and deleted_at is null

-- insert_local_key
-- A pair of our own; the private half is sealed.
insert into key (id, uri, actor_id, kind, public_pem, private_sealed, created_at, fetched_at)
values (:id, :uri, :actor_id, :kind, :public_pem, :private_sealed, :now, :now)

-- save_key
-- A public key of somebody elsewhere. A key id belongs to the first who showed it, whatever others say (SECURITY 0.4).
insert into key (id, uri, actor_id, kind, public_pem, created_at, fetched_at)
values (:id, :uri, :actor_id, :kind, :public_pem, :now, :now)
on conflict (uri) do update set
  kind = excluded.kind,
  public_pem = excluded.public_pem,
  fetched_at = excluded.fetched_at,
  retired_at = null
where key.actor_id = excluded.actor_id and key.private_sealed is null

-- retire_other_keys [sqlite]
-- Keys that their owner no longer shows; those still shown come as a JSON array.
update key set retired_at = :now
where actor_id = :actor_id and retired_at is null and private_sealed is null
  and uri not in (select value from json_each(:shown))

-- retire_other_keys [postgres]
update key set retired_at = :now
where actor_id = :actor_id and retired_at is null and private_sealed is null
  and uri not in (select value from json_array_elements_text(:shown::json))

-- key_of
-- A public key in use, by its id.
-- hot
select uri, actor_id, kind, public_pem, fetched_at
from key
where uri = :uri and retired_at is null

-- keys_of
-- The public keys that an actor shows, oldest first.
-- hot
select uri, actor_id, kind, public_pem, fetched_at
from key
where actor_id = :actor_id and retired_at is null
order by id

-- private_key
-- What a local actor signs requests with.
-- hot
select k.uri, a.uri as actor_uri, k.kind, k.private_sealed
from key k
join actor a on a.id = k.actor_id
where k.actor_id = :actor_id and k.kind = 'rsa' and k.private_sealed is not null and k.retired_at is null
order by k.id desc
limit 1

-- private_key_called
-- A key of somebody here by its id, also one that has been replaced.
-- hot
select k.uri, a.uri as actor_uri, k.kind, k.private_sealed
from key k
join actor a on a.id = k.actor_id
where k.uri = :uri and k.private_sealed is not null

-- proof_key
-- What a local actor proves documents with.
-- hot
select k.uri, a.uri as actor_uri, k.kind, k.private_sealed
from key k
join actor a on a.id = k.actor_id
where k.actor_id = :actor_id and k.kind = 'ed25519' and k.private_sealed is not null and k.retired_at is null
order by k.id desc
limit 1

-- own_keys
-- Every key of everybody here, those that were replaced too.
select k.uri, k.kind, a.name, k.created_at, k.retired_at
from key k
join actor a on a.id = k.actor_id
where k.private_sealed is not null
order by a.id, k.id

-- count_own_keys
-- How many keys to sign with somebody here has ever had.
-- hot
select count(*)
from key
where actor_id = :actor_id and kind = 'rsa' and private_sealed is not null

-- retire_own_keys
-- Keys of somebody here that are replaced now. What was signed with them can still be checked by who has them.
update key
set retired_at = :now
where actor_id = :actor_id and private_sealed is not null and retired_at is null

-- mark_changed
-- The document of somebody here says something new: the time of the change is also its version.
update actor
set fetched_at = case when fetched_at < :now then :now else fetched_at + 1 end
where id = :id and local

-- local_actors
-- Who lives here, the instance itself included.
select id, uri, local, kind, name, domain, display_name, summary, page_url, inbox, shared_inbox, outbox, followers,
  following, featured, proposals, approves_followers, discoverable, indexable, speaks_fedishare, created_at, fetched_at,
  deleted_at
from actor
where local and deleted_at is null
order by id

-- count_people
-- How many live here, for those who keep statistics of the network.
select count(*)
from actor
where local and kind <> 'Application' and deleted_at is null

-- count_posts
-- How many of their public objects there are, for the same. `cross join`: SQLite begins with those who live here.
-- hot
select count(*)
from actor a
cross join object o
where a.local and o.owner_id = a.id and o.deleted_at is null
  and exists (select 1 from circle_member m where m.circle_id = o.circle_id and m.actor_id in (0, :viewer))
