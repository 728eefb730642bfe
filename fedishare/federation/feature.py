"""What the federation shelf plugs in: how others find who lives here, follows both ways, changes of actors."""

from starlette.routing import Route

from fedishare.federation.actors import views as actors
from fedishare.federation.actors.views import host_meta, host_meta_json, webfinger_document
from fedishare.federation.following import actor_changes, blocking_commands, inbox, key_commands, moving, synchronizing
from fedishare.federation.following import commands as following_commands
from fedishare.federation.following import refusing as unfollowing
from fedishare.federation.following import views as following
from fedishare.federation.following.synchronization_view import followers_synchronization
from fedishare.federation.inbox import commands as inbox_commands
from fedishare.federation.inbox.handling import Handler
from fedishare.federation.outbox import refusing as unsent
from fedishare.federation.outbox import views as outbox
from fedishare.federation.plug import Feature, Job, Tools
from fedishare.federation.policy import commands as policy_commands
from fedishare.federation.policy.ruling import Blocked
from fedishare.federation.vocabulary.actor import KINDS

ROUTES = [
    Route("/.well-known/webfinger", webfinger_document),
    Route("/.well-known/host-meta", host_meta),
    Route("/.well-known/host-meta.json", host_meta_json),
    Route("/.well-known/nodeinfo", actors.nodeinfo_links),
    Route("/nodeinfo/{version}", actors.nodeinfo_document),
    Route("/actor", actors.actor_alias),
    Route("/users/{name}", actors.actor_document),
    Route("/users/{name}/followers", following.followers),
    Route("/users/{name}/following", following.following),
    Route("/users/{name}/followers_synchronization", followers_synchronization),
    Route("/users/{name}/outbox", outbox.outbox),
    Route("/users/{name}/featured", outbox.featured),
    Route("/activities/{number}", outbox.activity),
]

HANDLERS: dict[tuple[str, str], Handler] = {
    ("Follow", "*"): inbox.receive_follow,
    ("Accept", "Follow"): inbox.receive_accept,
    ("Accept", "*"): inbox.receive_accept_by_id,
    ("Reject", "Follow"): inbox.receive_reject,
    ("Reject", "*"): inbox.receive_reject_by_id,
    ("Undo", "Follow"): inbox.receive_undo_follow,
    ("Undo", "Block"): inbox.receive_undo_block,
    ("Undo", "*"): inbox.receive_undo_by_id,
    ("Block", "*"): inbox.receive_block,
    ("Move", "*"): moving.receive_move,
    ("Delete", "*"): actor_changes.receive_delete,
    **{("Update", kind): actor_changes.receive_update for kind in KINDS},
    **{("Delete", kind): actor_changes.receive_delete for kind in KINDS},
}


async def follow_on(tools: Tools, work: moving.Move) -> None:
    await moving.follow_on(work, db=tools.db, fetcher=tools.fetcher, here=tools.here, clock=tools.clock)


async def synchronize(tools: Tools, work: synchronizing.Synchronize) -> None:
    await synchronizing.synchronize(work, db=tools.db, fetcher=tools.fetcher, here=tools.here, clock=tools.clock)


FEATURE = Feature(
    name="federation",
    routes=ROUTES,
    handlers=HANDLERS,
    jobs=[
        Job(kind=moving.FOLLOW_ON, payload=moving.Move, run=follow_on),
        Job(kind=synchronizing.SYNCHRONIZE, payload=synchronizing.Synchronize, run=synchronize),
    ],
    commands=[
        *following_commands.COMMANDS,
        *blocking_commands.COMMANDS,
        *inbox_commands.COMMANDS,
        *policy_commands.COMMANDS,
        *key_commands.COMMANDS,
    ],
    listeners=[(Blocked, unfollowing.end_follows), (Blocked, unsent.drop_letters)],
)
