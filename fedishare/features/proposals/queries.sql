-- proposal_by_id
-- sees all: whoever changes a proposal is checked against its owner, not its readers.
-- hot
select id, uri, origin, owner_id, author_id, circle_id, purpose, action, title, source, content, category, place_name,
  latitude, longitude, quantity, unit, conditions, begins_at, ends_at, state, language, page_url, live, published_at,
  updated_at, sent_at, deleted_at
from proposal
where id = :id

-- proposal_by_uri
-- sees all: for the administrator's terminal.
select id, uri, origin, owner_id, author_id, circle_id, purpose, action, title, source, content, category, place_name,
  latitude, longitude, quantity, unit, conditions, begins_at, ends_at, state, language, page_url, live, published_at,
  updated_at, sent_at, deleted_at
from proposal
where uri = :uri or page_url = :uri
order by id
limit 1

-- all_proposals
-- sees all: for the administrator's terminal. Open and closed, newest first, one page.
select p.id, p.uri, p.origin, p.purpose, p.action, p.title, p.content, p.category, p.place_name,
  p.quantity, p.unit, p.conditions, p.ends_at, p.state, p.language, p.page_url, p.published_at, p.updated_at,
  o.display_name as owner_name, o.name as owner_local_name, o.domain as owner_domain, o.page_url as owner_page
from proposal p
join actor o on o.id = p.owner_id
where p.deleted_at is null and (p.published_at, p.id) < (:before_at, :before_id)
  /* filters */
order by p.published_at desc, p.id desc
limit :size

-- proposal_seen
-- One proposal for whoever looks at it; a deleted one too, for its 410.
-- hot
select id, uri, origin, owner_id, author_id, circle_id, purpose, action, title, source, content, category, place_name,
  latitude, longitude, quantity, unit, conditions, begins_at, ends_at, state, language, page_url, live, published_at,
  updated_at, sent_at, deleted_at
from proposal
where id = :id
  and exists (
    select 1 from circle_member m
    where m.circle_id = proposal.circle_id and m.actor_id in (0, :viewer)
  )

-- insert_proposal
insert into proposal (id, uri, origin, owner_id, author_id, circle_id, purpose, action, title, source, content, category,
  place_name, latitude, longitude, quantity, unit, conditions, begins_at, ends_at, state, language, page_url, live,
  published_at, updated_at, sent_at)
values (:id, :uri, :origin, :owner_id, :author_id, :circle_id, :purpose, :action, :title, :source, :content, :category,
  :place_name, :latitude, :longitude, :quantity, :unit, :conditions, :begins_at, :ends_at, :state, :language, :page_url,
  :live, :published_at, :updated_at, :sent_at)

-- change_proposal
-- Its newer form, unless somebody changed it since it was read: then 0 rows.
update proposal set purpose = :purpose, action = :action, title = :title, source = :source, content = :content,
  category = :category, place_name = :place_name, latitude = :latitude, longitude = :longitude, quantity = :quantity,
  unit = :unit, conditions = :conditions, begins_at = :begins_at, ends_at = :ends_at, state = :state,
  language = :language, page_url = :page_url, updated_at = :updated_at
where id = :id and updated_at = :former_at and deleted_at is null

-- narrow_proposal
-- Fewer may see it from now on.
update proposal set circle_id = :circle_id
where id = :id and deleted_at is null

-- mark_sent
-- Others were told of everything up to here.
update proposal set sent_at = :sent_at where id = :id

-- delete_proposal
-- Its words go; its number stays, so that its address can say that it is gone.
update proposal set title = '', source = '', content = '', category = '', place_name = '', latitude = null,
  longitude = null, conditions = '', state = 'closed', deleted_at = :now
where id = :id and deleted_at is null

-- delete_proposals_of
-- All that somebody published who is gone for good.
-- hot
update proposal set title = '', source = '', content = '', category = '', place_name = '', latitude = null,
  longitude = null, conditions = '', state = 'closed', deleted_at = :now
where owner_id = :owner_id and deleted_at is null

-- insert_photo
insert into proposal_photo (proposal_id, position, url, name)
values (:proposal_id, :position, :url, :name)

-- delete_photos
delete from proposal_photo where proposal_id = :id

-- delete_photos_of
-- All photos of somebody who is gone for good.
-- sees all: what is erased is erased for everybody.
-- hot
delete from proposal_photo
where proposal_id in (select id from proposal where owner_id = :owner_id)

-- photos_of
-- Of one proposal, in its order; whoever asks has been shown the proposal.
-- hot
select url, name
from proposal_photo
where proposal_id = :id
order by position

-- open_proposals
-- Open proposals that this reader may see, newest first, one page. What is deleted is closed, always.
-- hot
select p.id, p.uri, p.origin, p.purpose, p.action, p.title, p.content, p.category, p.place_name,
  p.quantity, p.unit, p.conditions, p.ends_at, p.state, p.language, p.page_url, p.published_at, p.updated_at,
  o.display_name as owner_name, o.name as owner_local_name, o.domain as owner_domain, o.page_url as owner_page
from proposal p
join actor o on o.id = p.owner_id
where p.state = 'open' and (p.ends_at is null or p.ends_at > :now)
  and (p.published_at, p.id) < (:before_at, :before_id)
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
  /* filters */
order by p.published_at desc, p.id desc
limit :size

-- filter: purpose
and p.purpose = :purpose

-- filter: action
and p.action = :action

-- filter: category
and p.category = :category

-- filter: place
and p.place_name = :place

-- filter: owner_id
and p.owner_id = :owner_id

-- filter: state
and p.state = :state

-- filter: ours
and p.origin = 'here'

-- filter: home
and p.origin = :home

-- filter: partners_of
and +p.owner_id in (  /* the sign keeps SQLite from gathering all that partners have and sorting it for a page */
    select theirs.id
    from circle_member partnership
    join actor partner on partner.id = partnership.actor_id
    join actor theirs on theirs.domain = partner.domain
    where partnership.circle_id = :partners_of and not partner.local
  )

-- count_open
-- How many there are, as far as one wants to count. The bound is above all of them: it leads to the list's own index.
-- hot
select count(*) from (
  select 1
  from proposal p
  where p.state = 'open' and (p.ends_at is null or p.ends_at > :now)
    and (p.published_at, p.id) < (:before_at, :before_id)
    and exists (
      select 1 from circle_member m
      where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
    )
    /* filters */
  limit :most
) as counted

-- listings_of
-- sees all: the page of those who wrote them, and of those who may act in the association's name.
-- Everything one published, whatever became of it, newest first, one page.
select p.id, p.uri, p.origin, p.purpose, p.action, p.title, p.content, p.category, p.place_name,
  p.quantity, p.unit, p.conditions, p.ends_at, p.state, p.language, p.page_url, p.published_at, p.updated_at,
  o.display_name as owner_name, o.name as owner_local_name, o.domain as owner_domain, o.page_url as owner_page
from proposal p
join actor o on o.id = p.owner_id
where p.deleted_at is null and p.origin = 'here' and p.id < :before
  and (p.owner_id = :actor_id or p.author_id = :actor_id or p.owner_id = :other_id)
order by p.id desc
limit :size

-- documents_of
-- Open proposals of this instance that this reader may see, as they are served to servers; newest first, one page.
-- hot
select p.id, p.uri, p.origin, p.owner_id, p.author_id, p.circle_id, p.purpose, p.action, p.title, p.source, p.content,
  p.category, p.place_name, p.latitude, p.longitude, p.quantity, p.unit, p.conditions, p.begins_at, p.ends_at, p.state,
  p.language, p.page_url, p.live, p.published_at, p.updated_at, p.sent_at, p.deleted_at
from proposal p
where p.origin = 'here' and p.state = 'open' and (p.ends_at is null or p.ends_at > :now)
  and p.id < :before
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
  /* filters */
order by p.id desc
limit :size

-- count_documents
-- sees all: a number of public things alone.
select count(*)
from proposal p
where p.origin = 'here' and p.state = 'open' and (p.ends_at is null or p.ends_at > :now)
  and p.circle_id = 1
  /* filters */

-- listing_readers
-- Who follows the instance's actor as flohmarkt does, which takes no Update of a listing: by the name of its software,
-- or by the path that flohmarkt alone gives its own instance while the name is not known. `cross join`: SQLite begins
-- with the one who lives here.
-- hot
select reader.uri
from actor us
cross join follow f
join actor reader on reader.id = f.follower_id
left join host h on h.host = reader.domain
where us.local and us.kind = 'Application' and f.followed_id = us.id and f.state = 'accepted'
  and not reader.local and reader.deleted_at is null
  and (h.software = 'flohmarkt'
    or (coalesce(h.software, '') = '' and not reader.speaks_fedishare and reader.uri like '%/users/instance'))
order by reader.id
limit :size

-- server_is_heard
-- Whether anybody here follows the actor of a whole server of listings, known as in listing_readers.
select 1
from actor server
join follow f on f.followed_id = server.id and f.state = 'accepted'
join actor follower on follower.id = f.follower_id and follower.local
left join host h on h.host = server.domain
where server.domain = :domain and server.deleted_at is null and not server.speaks_fedishare
  and server.uri like '%/users/instance' and coalesce(h.software, '') in ('', 'flohmarkt')
limit 1

-- updates_since
-- sees all: how often its own owner told the world of changes.
-- hot
select count(*)
from activity_out
where actor_id = :actor_id and id >= :first_id and type = 'Update' and object_uri = :uri

-- close_unlisted [sqlite]
-- Of what was read from somebody's list (never what they sent): those that stand there no longer.
-- hot
update proposal set state = 'closed'
where owner_id = :owner_id and purpose = :purpose and not live and state = 'open' and deleted_at is null
  and uri not in (select value from json_each(:listed))

-- close_unlisted [postgres]
update proposal set state = 'closed'
where owner_id = :owner_id and purpose = :purpose and not live and state = 'open' and deleted_at is null
  and uri not in (select json_array_elements_text(:listed::json))

-- open_listed [sqlite]
-- And those that stand there again.
-- hot
update proposal set state = 'open'
where owner_id = :owner_id and purpose = :purpose and not live and state = 'closed' and deleted_at is null
  and uri in (select value from json_each(:listed))

-- open_listed [postgres]
update proposal set state = 'open'
where owner_id = :owner_id and purpose = :purpose and not live and state = 'closed' and deleted_at is null
  and uri in (select json_array_elements_text(:listed::json))

-- expire_proposal
-- Its time is over: it reads as closed everywhere already (WIRE), so nobody is told and it is no newer.
update proposal set state = 'closed'
where id = :id and state = 'open' and deleted_at is null and ends_at is not null and ends_at <= :now
