-- sealed_keys
-- Private keys of those who live here, replaced ones too, a handful at a time.
-- hot
select k.id, a.uri as actor_uri, k.private_sealed
from key k
join actor a on a.id = k.actor_id
where k.id > :after and k.private_sealed is not null
order by k.id
limit :size

-- reseal
-- The same private key under another seal.
update key set private_sealed = :private_sealed where id = :id

-- keep_verifier
-- By what the database knows its secret again.
insert into setting (name, value) values ('secret_verifier', :verifier)
on conflict (name) do update set value = excluded.value
