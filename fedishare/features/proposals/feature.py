"""What proposals plug in. Every Note that comes in passes here first; `inbox.py` hands on what is no proposal."""

from starlette.routing import Route

from fedishare.features.proposals import answering, documents, editing, inbox, jobs, pinning, views
from fedishare.features.proposals.commands import proposal
from fedishare.features.proposals.hiding import as_objects
from fedishare.features.proposals.importing import import_
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.federation.plug import Feature, MenuEntry
from fedishare.federation.policy.ruling import Blocked, Unblocked
from fedishare.foundation.values.errors import N_
from fedishare.foundation.web.forms import form_route

proposal.add_command(import_)

FEATURE = Feature(
    name="proposals",
    routes=[
        Route("/search", views.search_page),
        Route("/search.atom", documents.search_feed),
        form_route("/new", show=editing.new_page, receive=editing.publish),
        Route("/settings/listings", views.listings_page),
        Route("/proposals/{id:int}", documents.note_document),
        Route("/proposals/{id:int}/proposal", documents.standalone_document),
        Route("/proposals/{id:int}/replies", documents.replies_document),
        Route("/proposals/{id:int}/context", documents.context_document),
        form_route("/proposals/{id:int}/edit", show=editing.edit_page, receive=editing.edit),
        form_route("/proposals/{id:int}/close", show=editing.close_page, receive=editing.close),
        form_route("/proposals/{id:int}/delete", show=editing.delete_page, receive=editing.delete),
        form_route("/proposals/{id:int}/reply", show=views.answered_page, receive=answering.reply),
        form_route("/proposals/{id:int}/write", show=answering.write_page, receive=answering.write),
        Route("/users/{name}/proposals", documents.proposals_collection),
        Route("/@{name}", views.profile_page),
        Route("/@{name}/{id:int}", views.proposal_page),
    ],
    handlers={**inbox.HANDLERS, **pinning.HANDLERS},
    jobs=jobs.JOBS,
    listeners=[
        (FollowAccepted, jobs.read_archive),
        (FollowAccepted, jobs.meet_stranger),
        (ActorGone, jobs.forget_proposals),
        (Blocked, as_objects),
        (Unblocked, as_objects),
    ],
    commands=[proposal],
    menu=[
        MenuEntry(path="/search", label=N_("Explore"), icon="search"),
        MenuEntry(path="/new", label=N_("Publish"), icon="plus"),
        # Of conversations, but the bar begins with what everybody comes for.
        MenuEntry(path="/notifications", label=N_("Notices"), icon="bell", seen_by="members"),
        MenuEntry(path="/messages", label=N_("Messages"), icon="mail", seen_by="members"),
    ],
)
