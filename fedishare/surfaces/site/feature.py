"""The pages that belong to no single feature."""

from starlette.routing import Route

from fedishare.federation.plug import Feature
from fedishare.surfaces.site import views

FEATURE = Feature(
    name="site",
    routes=[
        Route("/", views.home),
        Route("/about", views.about),
    ],
)
