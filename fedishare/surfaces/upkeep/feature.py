"""What upkeep plugs in: the health of the process for watchers, the doctor and the queues for whoever runs it."""

from starlette.routing import Route

from fedishare.federation.plug import Feature, MenuEntry
from fedishare.foundation.values.errors import N_
from fedishare.foundation.web.forms import form_route
from fedishare.surfaces.upkeep import queue, views
from fedishare.surfaces.upkeep.commands import doctor

FEATURE = Feature(
    name="upkeep",
    routes=[
        Route("/health/live", views.live),
        Route("/health/ready", views.ready),
        form_route(queue.PATH, show=queue.queue_page, receive=queue.act),
    ],
    commands=[doctor],
    menu=[MenuEntry(path=queue.PATH, label=N_("Queues"), icon="send", seen_by="admins")],
)
