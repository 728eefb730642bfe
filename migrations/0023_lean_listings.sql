-- Of the listings of others the columns hold all that is shown; their document stands at their origin, which is asked
-- when more of it is wanted. And an index that serves no question that is asked often costs more than it brings.
update object set json = '{}'
where kind = 'Proposal' and json <> '{}' and id in (select id from proposal where origin <> 'here');

-- Its object has the same address, and an index of it.
drop index proposal_uri;
drop index proposal_of_origin;
create index proposal_here on proposal (id) where origin = 'here';
drop index proposal_of_author;
create index proposal_of_author on proposal (author_id, id) where author_id is not null;

-- A list, and how many there are in it to 200, are read from one index that has no closed listings in it; that of this
-- instance, too. What is deleted is closed.
drop index proposal_open;
create index proposal_open on proposal (published_at, id, circle_id, ends_at) where state = 'open';
create index proposal_open_here on proposal (published_at, id) where state = 'open' and origin = 'here';
