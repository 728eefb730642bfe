-- A question must not cost more because others are full. SQLite, which keeps no statistics, took an index that begins
-- with the state for every question about what waits: to lease a batch cost as much as the queue was long, and so did
-- each delivery that failed. What waits has indexes of its own; of the rest, those that were given up are looked for.
drop index activity_in_state;
create index activity_in_dead on activity_in (id) where state = 'dead';
drop index delivery_state;
create index delivery_dead on delivery (id) where state = 'dead';

-- A handle is looked for in small letters, among all that are known of one server.
drop index actor_handle;
create index actor_handle on actor (domain, lower(name));

-- One owner's listings, in the order of the list; and those of somebody here, in that of their page and collection.
drop index proposal_of_owner;
create index proposal_of_owner on proposal (owner_id, published_at, id);
create index proposal_of_owner_here on proposal (owner_id, id) where origin = 'here';

-- What is said under a listing and in a thread is shown in the order in which it came.
drop index post_of_proposal;
create index post_of_proposal on post (proposal_id, id);
drop index post_of_thread;
create index post_of_thread on post (thread_id, id);

-- Whoever is gone for good, or blocked: any server may say so of its own, as often as it likes.
create index post_of_author on post (author_id, id);
