"""What people plug in: signing in and out, the account, followers, the first run, and the commands about accounts."""

from starlette.routing import Route

from fedishare.features.people import followers, views
from fedishare.features.people.commands import init, user
from fedishare.federation.plug import Feature
from fedishare.foundation.web.forms import form_route

ACCOUNT = "/settings/account"

FEATURE = Feature(
    name="people",
    routes=[
        form_route("/sign-in", show=views.sign_in_page, receive=views.sign_in),
        Route("/sign-out", views.sign_out, methods=["POST"]),
        Route(ACCOUNT, views.account_page),
        form_route("/settings/profile", show=views.account_page, receive=views.change_profile, home=ACCOUNT),
        form_route("/settings/password", show=views.account_page, receive=views.change_password, home=ACCOUNT),
        form_route("/settings/language", show=views.account_page, receive=views.change_language, home=ACCOUNT),
        form_route("/settings/followers", show=followers.followers_page, receive=followers.answer_follower),
        form_route("/first-run", show=views.first_run_page, receive=views.first_run_done),
    ],
    commands=[init, user],
)
