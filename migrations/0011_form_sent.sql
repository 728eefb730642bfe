-- A form that was sent twice (a second tap, a reload) has the effect of one: what it made is found again here.
create table form_sent (
  form bytea primary key,
  result_id bigint not null,
  sent_at bigint not null
);
create index form_sent_age on form_sent (sent_at);
