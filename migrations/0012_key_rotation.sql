-- Who gets new keys says so with the old one (INTEROP B.7): an activity may name the key that signs it. Nothing there
-- means the newest key of its actor.
alter table activity_out add column key_uri text;
