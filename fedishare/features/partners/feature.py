"""What partners plug in: the handshake, the administrators' page, the commands."""

from fedishare.features.partners import inbox, listeners, views
from fedishare.features.partners.commands import partner
from fedishare.federation.following.model import ActorGone, FollowAccepted
from fedishare.federation.plug import Feature, MenuEntry
from fedishare.federation.policy.ruling import Blocked
from fedishare.foundation.values.errors import N_
from fedishare.foundation.web.forms import form_route

FEATURE = Feature(
    name="partners",
    routes=[form_route("/admin/partners", show=views.partners_page, receive=views.answer)],
    handlers=inbox.HANDLERS,
    listeners=[
        (FollowAccepted, listeners.weigh),
        (ActorGone, listeners.end_with),
        (Blocked, listeners.end_blocked),
    ],
    commands=[partner],
    menu=[MenuEntry(path="/admin/partners", label=N_("Partners"), icon="network", seen_by="admins")],
)
