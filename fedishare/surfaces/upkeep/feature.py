"""What upkeep plugs in: the health of the process for watchers, and the doctor for whoever runs it."""

from starlette.routing import Route

from fedishare.federation.plug import Feature
from fedishare.surfaces.upkeep import views
from fedishare.surfaces.upkeep.commands import doctor

FEATURE = Feature(
    name="upkeep",
    routes=[Route("/health/live", views.live), Route("/health/ready", views.ready)],
    commands=[doctor],
)
