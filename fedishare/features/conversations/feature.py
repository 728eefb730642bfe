"""What conversations plug in: notices, private messages, posts, reactions. Notes come through `proposals`."""

from starlette.routing import Route

from fedishare.features.conversations import foreseeing, inbox, listeners, quotes, views
from fedishare.features.conversations.hiding import hide, show_again
from fedishare.federation.following.model import ActorGone, FollowAccepted, Followed, Moved
from fedishare.federation.plug import Feature
from fedishare.federation.policy.ruling import Blocked, Unblocked
from fedishare.foundation.web.forms import form_route

FEATURE = Feature(
    name="conversations",
    routes=[
        Route("/notifications", views.notifications_page),
        Route("/notifications/seen", views.seen, methods=["POST"]),
        Route("/messages", views.messages_page),
        form_route("/messages/{id:int}", show=views.thread_page, receive=views.answer_thread),
        Route("/posts/{id:int}", views.post_document),
        Route("/posts/{id:int}/approve", views.approve, methods=["POST"]),
        Route("/posts/{id:int}/refuse", views.refuse, methods=["POST"]),
        Route("/posts/{id:int}/delete", views.delete, methods=["POST"]),
        Route("/posts/{id:int}/quotes/{mark}", quotes.authorization_document),
        Route("/proposals/{id:int}/quotes/{mark}", quotes.authorization_document),
    ],
    handlers=inbox.HANDLERS,
    foresee=foreseeing.foresee,
    listeners=[
        (Followed, listeners.tell_asked),
        (FollowAccepted, listeners.tell_followed),
        (Moved, listeners.tell_moved),
        (ActorGone, listeners.forget_posts),
        (Blocked, hide),
        (Unblocked, show_again),
    ],
)
