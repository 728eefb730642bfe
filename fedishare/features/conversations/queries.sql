-- post_by_id
-- sees all: whoever changes a post is checked against its author or steward, not its readers.
-- hot
select id, uri, author_id, circle_id, thread_id, proposal_id, in_reply_to, content, source, warning, language, page_url,
  state, steward_id, published_at, updated_at, deleted_at
from post
where id = :id

-- insert_post
insert into post (id, uri, author_id, circle_id, thread_id, proposal_id, in_reply_to, content, source, warning, language,
  page_url, state, steward_id, published_at, updated_at)
values (:id, :uri, :author_id, :circle_id, :thread_id, :proposal_id, :in_reply_to, :content, :source, :warning, :language,
  :page_url, :state, :steward_id, :published_at, :updated_at)

-- change_post
-- The author's newer words. Those that a steward let appear were others: these wait.
update post set content = :content, warning = :warning, language = :language, updated_at = :updated_at,
  state = case
    when state = 'shown' and steward_id is not null and (content <> :content or warning <> :warning) then 'held'
    else state
  end
where id = :id and deleted_at is null

-- narrow_post
-- For fewer than before: a thread of its own, that nobody has to let through.
update post set circle_id = :circle_id, thread_id = id, steward_id = null,
  state = case when state = 'held' then 'shown' else state end
where id = :id and deleted_at is null

-- decide_post
-- The steward's word, given once: 0 rows when it was given already.
update post set state = :state
where id = :id and state = 'held' and deleted_at is null

-- delete_post
-- Its words go; that it was there stays, so that answers to it keep their place.
update post set content = '', source = '', warning = '', deleted_at = :now
where id = :id and deleted_at is null

-- delete_posts_of
-- All that somebody wrote who is gone for good.
-- hot
update post set content = '', source = '', warning = '', deleted_at = :now
where author_id = :author_id and deleted_at is null

-- post_card
-- One post for its own page.
-- hot
select p.id, p.uri, p.thread_id, p.proposal_id, p.content, p.warning, p.language, p.page_url, p.state, p.published_at,
  p.updated_at, p.author_id, a.display_name as author_name, a.name as author_local_name, a.domain as author_domain,
  a.local as author_local, a.page_url as author_page
from post p
join actor a on a.id = p.author_id
where p.id = :id and p.deleted_at is null
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )

-- shown_under
-- What may be read under a proposal, the last to come first: public, and validated where somebody has to.
-- hot
select p.id, p.uri, p.thread_id, p.proposal_id, p.content, p.warning, p.language, p.page_url, p.state, p.published_at,
  p.updated_at, p.author_id, a.display_name as author_name, a.name as author_local_name, a.domain as author_domain,
  a.local as author_local, a.page_url as author_page
from post p
join actor a on a.id = p.author_id
where p.proposal_id = :proposal_id and p.state = 'shown' and p.deleted_at is null and p.circle_id = 1
  and p.id < :before
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
order by p.id desc
limit :size

-- held_for
-- sees all: whoever answers for them has to read them to decide.
-- Replies that wait for this steward, oldest first; those of the blocked are in the circle of nobody.
-- hot
select p.id, p.uri, p.thread_id, p.proposal_id, p.content, p.warning, p.language, p.page_url, p.state, p.published_at,
  p.updated_at, p.author_id, a.display_name as author_name, a.name as author_local_name, a.domain as author_domain,
  a.local as author_local, a.page_url as author_page
from post p
join actor a on a.id = p.author_id
where p.state = 'held' and p.steward_id = :steward_id and p.deleted_at is null and p.circle_id <> 4
order by p.id
limit :size

-- direct_threads
-- Private threads of one actor, the last to be written in first, each by its last post and the other one's name.
select p.thread_id, p.content, p.published_at, a.display_name as author_name, a.name as author_local_name,
  a.domain as author_domain
from circle_member mine
join circle c on c.id = mine.circle_id and c.kind = 'direct'
join post p on p.circle_id = c.id
join actor a on a.id = case when p.author_id <> :viewer then p.author_id else coalesce(
    (select min(other.actor_id) from circle_member other where other.circle_id = c.id and other.actor_id <> :viewer),
    p.author_id
  ) end
where mine.actor_id = :viewer and p.deleted_at is null
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
  and not exists (
    select 1 from post later
    join circle_member reader on reader.circle_id = later.circle_id and reader.actor_id = :viewer
    where later.thread_id = p.thread_id and later.id > p.id and later.deleted_at is null
  )
order by p.id desc
limit :size

-- direct_posts
-- One private thread, the last to come first, as far as this actor was addressed.
-- hot
select p.id, p.uri, p.thread_id, p.proposal_id, p.content, p.warning, p.language, p.page_url, p.state, p.published_at,
  p.updated_at, p.author_id, a.display_name as author_name, a.name as author_local_name, a.domain as author_domain,
  a.local as author_local, a.page_url as author_page
from post p
join actor a on a.id = p.author_id
join circle c on c.id = p.circle_id and c.kind = 'direct'
where p.thread_id = :thread_id and p.deleted_at is null and p.id < :before
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
order by p.id desc
limit :size

-- others_in_thread
-- Who else was addressed in a private thread, as far as this actor was.
-- hot
select distinct a.id as actor_id, a.display_name, a.name, a.domain
from post p
join circle c on c.id = p.circle_id and c.kind = 'direct'
join circle_member other on other.circle_id = c.id and other.actor_id <> :viewer
join actor a on a.id = other.actor_id
where p.thread_id = :thread_id and p.deleted_at is null
  and exists (
    select 1 from circle_member m
    where m.circle_id = p.circle_id and m.actor_id in (0, :viewer)
  )
order by a.id
limit :size

-- readers_of
-- Who a direct post was for, its author included.
-- hot
select actor_id from circle_member where circle_id = :circle_id order by actor_id

-- answered_from_elsewhere
-- sees all: servers that hold an answer or a boost must hear that the thing has changed or gone (INTEROP B.9).
-- hot
select uri from (
  select a.uri as uri from post p join actor a on a.id = p.author_id
  where p.proposal_id = :proposal_id and not a.local and a.deleted_at is null
  union
  select a.uri as uri from reaction r join actor a on a.id = r.actor_id
  where r.object_uri = :object_uri and not a.local and a.deleted_at is null
) as told
order by uri
limit 200

-- insert_reaction
-- Once for each actor and thing, whatever the activity's id.
insert into reaction (id, kind, actor_id, object_uri, uri, created_at)
values (:id, :kind, :actor_id, :object_uri, :uri, :now)
on conflict do nothing

-- delete_reaction
-- hot
delete from reaction where kind = :kind and actor_id = :actor_id and object_uri = :object_uri

-- delete_reaction_by_id
-- Akkoma and Mitra take a Like back by its id alone (INTEROP B.10).
-- hot
delete from reaction where actor_id = :actor_id and uri = :uri

-- delete_reactions_of
-- What somebody liked and passed on who is gone for good.
-- hot
delete from reaction where actor_id = :actor_id

-- count_reactions
-- hot
select kind, count(*) as times from reaction where object_uri = :object_uri group by kind order by kind

-- persons_behind
-- Who is told of what happens to an actor: its person, or the administrators for the association.
select id from person
where actor_id = :actor_id or (:for_admins and role = 'admin')
order by id

-- insert_notification
insert into notification (id, person_id, kind, actor_id, object_id, created_at)
values (:id, :person_id, :kind, :actor_id, :object_id, :now)
on conflict do nothing

-- waits_unread
-- Whether somebody has a notice of a kind that they have not seen.
-- hot
select 1 from notification where person_id = :person_id and kind = :kind and seen_at is null limit 1

-- waits_unread_of
-- Whether they have one about the same actor, and about no thing.
-- hot
select 1 from notification
where person_id = :person_id and kind = :kind and actor_id = :actor_id and object_id is null and seen_at is null
limit 1

-- notifications_of
-- sees all: a notice is made only for those whom its post was for, or who answer for it.
-- hot
select n.id, n.kind, n.created_at, n.seen_at, n.object_id, a.display_name as actor_name, a.name as actor_local_name,
  a.domain as actor_domain, a.page_url as actor_page, p.content, p.proposal_id, p.thread_id
from notification n
join actor a on a.id = n.actor_id
left join post p on p.id = n.object_id and p.deleted_at is null
where n.person_id = :person_id and n.id < :before
order by n.id desc
limit :size

-- mark_seen
update notification set seen_at = :now where person_id = :person_id and seen_at is null and id <= :up_to

-- heard [sqlite]
-- As is_heard, of several actors and domains, which come as JSON arrays: which of each.
-- hot
select followed.id, '' as domain
from actor followed
join follow f on f.followed_id = followed.id and f.state = 'accepted'
join actor follower on follower.id = f.follower_id and follower.local
where followed.id in (select value from json_each(:ids))
union
select 0, followed.domain
from actor followed
join follow f on f.followed_id = followed.id and f.state = 'accepted'
join actor follower on follower.id = f.follower_id and follower.local
where followed.domain in (select value from json_each(:domains))
  and followed.speaks_fedishare and followed.kind <> 'Application'

-- heard [postgres]
select followed.id, '' as domain
from actor followed
join follow f on f.followed_id = followed.id and f.state = 'accepted'
join actor follower on follower.id = f.follower_id and follower.local
where followed.id in (select value::bigint from json_array_elements_text(:ids::json))
union
select 0, followed.domain
from actor followed
join follow f on f.followed_id = followed.id and f.state = 'accepted'
join actor follower on follower.id = f.follower_id and follower.local
where followed.domain in (select value from json_array_elements_text(:domains::json))
  and followed.speaks_fedishare and followed.kind <> 'Application'

-- had_reacted
-- Whether it counts already.
-- hot
select 1 from reaction where kind = :kind and actor_id = :actor_id and object_uri = :object_uri

-- is_heard
-- Whether anybody here follows this actor, or an association of its own domain that speaks as we do.
-- hot
select 1
from follow f
join actor follower on follower.id = f.follower_id and follower.local
join actor followed on followed.id = f.followed_id
where f.state = 'accepted'
  and (
    followed.id = :actor_id
    or (followed.domain = :domain and followed.speaks_fedishare and followed.kind <> 'Application')
  )
limit 1
