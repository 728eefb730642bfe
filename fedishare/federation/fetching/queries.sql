-- scheme_of
-- How a server wants requests to be signed; nothing for one that we have never met.
-- hot
select scheme
from host
where host = :host

-- keep_scheme
-- What it has just understood, or the usual one again where it understands neither.
insert into host (host, failures, open_until, scheme, software)
values (:host, 0, 0, :scheme, '')
on conflict (host) do update set scheme = excluded.scheme
