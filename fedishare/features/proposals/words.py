"""What is said of a proposal in whole words, in the current language: on pages, in feeds, in what others receive.

Source: SCREENS.md "Words". The fact lines of a Note are said in its author's language: `activities.py` sees to it.
"""

from fedishare.features.proposals.model import Action, Proposal, Purpose, State, Unit
from fedishare.foundation.text import dates
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.clock import Instant

_KINDS = {
    (Purpose.OFFER, Action.USE): N_("Offer · loan"),
    (Purpose.OFFER, Action.TRANSFER): N_("Offer · gift"),
    (Purpose.OFFER, Action.DELIVER_SERVICE): N_("Offer · service"),
    (Purpose.OFFER, Action.WORK): N_("Offer · time"),
    (Purpose.OFFER, Action.CITE): N_("Offer · know-how"),
    (Purpose.REQUEST, Action.USE): N_("Need · loan"),
    (Purpose.REQUEST, Action.TRANSFER): N_("Need · gift"),
    (Purpose.REQUEST, Action.DELIVER_SERVICE): N_("Need · service"),
    (Purpose.REQUEST, Action.WORK): N_("Need · time"),
    (Purpose.REQUEST, Action.CITE): N_("Need · know-how"),
}
_UNITS: dict[str, str] = {
    Unit.ONE: N_("piece"),
    Unit.HOUR: N_("hour"),
    Unit.KILOGRAM: N_("kilogram"),
    Unit.LITRE: N_("litre"),
    # Others that are read (om2), by the last part of their names.
    "second": N_("second"),
    "day": N_("day"),
    "week": N_("week"),
    "month": N_("month"),
    "gram": N_("gram"),
    "metre": N_("metre"),
}


def kind(purpose: str, action: str) -> str:
    """ "Offre · prêt"; an action that we do not know is shown as it was sent."""
    for (known_purpose, known_action), said in _KINDS.items():
        if (known_purpose, known_action) == (purpose, action):
            return _(said)
    if purpose == Purpose.REQUEST:
        return _("Need · %(action)s", action=action)
    return _("Offer · %(action)s", action=action)


def quantity(amount: str, unit: str) -> str:
    """ "12 × kilogramme"; nothing for the one piece that most proposals are about."""
    if amount == "1" and unit == Unit.ONE:
        return ""
    known = _UNITS.get(unit)
    return _("%(amount)s × %(unit)s", amount=amount, unit=_(known) if known else unit)


def facts(proposal: Proposal, *, zone: str) -> list[str]:
    """One sentence for each thing that readers need to know, its state first when it is no longer open."""
    several = quantity(proposal.quantity, proposal.unit)
    lines = [
        _("Found. This listing is closed.") if proposal.state == State.CLOSED else "",
        kind(proposal.purpose, proposal.action),
        _("Where: %(place)s", place=proposal.place_name) if proposal.place_name else "",
        _("How many: %(quantity)s", quantity=several) if several else "",
        _("In return: %(conditions)s", conditions=proposal.conditions) if proposal.conditions else _("Free of charge"),
        _("Open until %(day)s", day=_last_day(proposal.ends_at, zone)) if proposal.ends_at else "",
    ]
    return [line for line in lines if line]


def _last_day(ends_at: Instant, zone: str) -> str:
    """The end is a midnight: the day before is the last on which it is open."""
    return dates.day(Instant(ends_at - 1), zone=zone)
