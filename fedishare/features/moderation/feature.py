"""What moderation plugs in: reports from here and elsewhere, the administrators' list of them, the commands."""

from fedishare.features.moderation import inbox, views
from fedishare.features.moderation.commands import report
from fedishare.federation.plug import Feature, MenuEntry
from fedishare.foundation.values.errors import N_
from fedishare.foundation.web.forms import form_route

FEATURE = Feature(
    name="moderation",
    routes=[
        form_route("/report", show=views.report_page, receive=views.report),
        form_route("/admin/reports", show=views.reports_page, receive=views.close),
    ],
    handlers=inbox.HANDLERS,
    commands=[report],
    menu=[MenuEntry(path="/admin/reports", label=N_("Reports"), icon="flag", seen_by="admins")],
)
