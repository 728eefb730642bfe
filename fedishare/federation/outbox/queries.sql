-- keep_activity
-- What a local actor says, as it will be sent and served.
insert into activity_out (id, uri, actor_id, type, object_uri, circle_id, json, created_at)
values (:id, :uri, :actor_id, :type, :object_uri, :circle_id, :json, :now)

-- inboxes_of_followers
-- Where the followers behind a local followers collection are told, each inbox once.
select distinct coalesce(follower.shared_inbox, follower.inbox) as inbox
from actor followed
join follow on follow.followed_id = followed.id and follow.state = 'accepted'
join actor follower on follower.id = follow.follower_id
where followed.followers = :collection and followed.local
  and not follower.local and follower.deleted_at is null

-- gone_inboxes
-- Inboxes that said 410 and whose host has been silent since.
select inbox from gone_inbox

-- keep_delivery
-- Somebody must be told; once an inbox and activity.
insert into delivery (id, activity_id, host, inbox, topic, state, attempts, due_at, lease_until, outcome, created_at)
values (:id, :activity_id, :host, :inbox, :topic, 'waiting', 0, :now, 0, '', :now)
