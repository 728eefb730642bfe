-- insert_person
-- A new account; its actor is there already.
insert into person (id, actor_id, email, password_hash, role, language, created_at)
values (:id, :actor_id, :email, :password_hash, :role, :language, :created_at)

-- person_of_login
-- Who signs in with a name or an e-mail address.
select p.id, p.actor_id, a.name, a.display_name, p.email, p.password_hash, p.role, p.language, p.created_at
from person p
join actor a on a.id = p.actor_id
where (a.name = :login or p.email = :login) and a.deleted_at is null

-- person_by_id
-- One account.
-- hot
select p.id, p.actor_id, a.name, a.display_name, p.email, p.password_hash, p.role, p.language, p.created_at
from person p
join actor a on a.id = p.actor_id
where p.id = :id

-- all_people
-- Everybody who can sign in, oldest first.
select p.id, p.actor_id, a.name, a.display_name, p.email, p.password_hash, p.role, p.language, p.created_at
from person p
join actor a on a.id = p.actor_id
where a.deleted_at is null
order by p.id

-- set_password
-- Another password.
update person set password_hash = :password_hash where id = :id

-- set_role
-- Another role.
update person set role = :role where id = :id

-- count_admins
-- How many can administer; the last one stays.
select count(*) from person p join actor a on a.id = p.actor_id where p.role = 'admin' and a.deleted_at is null

-- set_language
-- The language somebody chose for their account.
update person set language = :language where id = :id

-- insert_session
-- A new session; only the hash of its token is kept.
insert into session (token_hash, person_id, created_at, seen_at) values (:token_hash, :person_id, :now, :now)

-- session_of
-- A session and its person, whether it is over or not.
-- hot
select s.person_id, p.actor_id, a.name, a.display_name, p.role, p.language, s.created_at, s.seen_at
from session s
join person p on p.id = s.person_id
join actor a on a.id = p.actor_id
where s.token_hash = :token_hash and a.deleted_at is null

-- touch_session
-- Somebody was here.
-- hot
update session set seen_at = :now where token_hash = :token_hash

-- end_session
-- Sign out.
delete from session where token_hash = :token_hash

-- end_sessions_of
-- All sessions of a person: when a credential or a role changes.
-- hot
delete from session where person_id = :person_id

-- end_old_sessions
-- Those past every limit: swept when somebody signs in.
delete from session where created_at < :before or seen_at < :idle_before

-- count_sessions
-- From how many places somebody is signed in.
-- hot
select count(*) from session where person_id = :person_id

-- insert_failure
-- A wrong password, for an account or from an address.
insert into sign_in_failure (id, whom, failed_at) values (:id, :whom, :now)

-- one_try_at_a_time [sqlite]
-- Whoever knocks counts those before; SQLite has one writer anyway.
select 1

-- one_try_at_a_time [postgres]
select pg_advisory_xact_lock(7236503)

-- failures_of
-- Wrong passwords lately.
-- hot
select count(*) as count, max(failed_at) as last_at from sign_in_failure where whom = :whom and failed_at >= :since

-- forget_failure
-- It was no wrong password after all.
delete from sign_in_failure where id = :id

-- forget_failures
-- The right password was given.
delete from sign_in_failure where whom = :whom

-- forget_old_failures
-- Nobody asks for these any more.
delete from sign_in_failure where failed_at < :before

-- keep_setting
-- Something that is decided once. Whoever decides it a second time is refused by the key.
insert into setting (name, value) values (:name, :value)

-- setting
-- What was decided.
-- hot
select value from setting where name = :name

-- insert_first_run
-- A new one-time link.
insert into first_run (token_hash, created_at) values (:token_hash, :now)

-- drop_first_runs
-- The links given before are over.
delete from first_run

-- first_run_since
-- Whether a link is the current one and young enough.
select created_at from first_run where token_hash = :token_hash and created_at >= :since
