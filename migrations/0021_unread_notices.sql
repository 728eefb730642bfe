-- Who is followed by thousands has thousands of notices: whether one about an actor waits was asked of all of them.
create index notification_unread on notification (person_id, actor_id, kind)
where object_id is null and seen_at is null;
