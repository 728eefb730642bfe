"""From what somebody typed to a draft that can be published: the form, the command line and an imported line alike.

Everything wrong is named at once, in sentences, by field. Pure but for the shipped list of communes.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from msgspec import Struct

from fedishare.features.proposals import places
from fedishare.features.proposals.model import LONGEST_TEXT, Action, Draft, Purpose, Unit, first_problems
from fedishare.features.proposals.places import Place
from fedishare.federation.vocabulary.reading import label
from fedishare.foundation.values.clock import Instant, from_datetime
from fedishare.foundation.values.errors import N_, Invalid

_PURPOSES = {"offer": Purpose.OFFER, "request": Purpose.REQUEST, "need": Purpose.REQUEST}
_PURPOSES |= {"offre": Purpose.OFFER, "besoin": Purpose.REQUEST}

NO_SUCH_PLACE = N_("This commune is not in the list. Write its name, such as Lille or Villeneuve-d’Ascq.")
SEVERAL_PLACES = N_("Several communes have this name: add the number of the département, such as Saint-Denis (93).")


class Written(Struct, frozen=True, kw_only=True):
    """The fields as texts, empty where nothing was said. `until` is a day, the last on which it is open."""

    purpose: str = ""
    action: str = ""
    title: str = ""
    text: str = ""
    category: str = ""
    place: str = ""
    quantity: str = ""
    unit: str = ""
    conditions: str = ""
    until: str = ""


def draft(written: Written, *, language: str, zone: str, now: Instant) -> Draft:
    """Raises Invalid with the problem of each field that has one."""
    problems: dict[str, str] = {}
    purpose = _PURPOSES.get(written.purpose.strip().lower())
    if purpose is None:
        problems["purpose"] = N_("Say whether it is an offer or a need.")
    action = _action(written.action)
    if action is None:
        problems["action"] = N_("Choose one of these: use, transfer, deliverService, work, cite.")
    place = _place(written.place, problems)
    quantity = _quantity(written.quantity, problems)
    unit = _unit(written.unit, problems)
    ends_at = _end(written.until, problems, zone=zone, now=now)
    words = {name: getattr(written, name).strip() for name in ("title", "text", "category", "conditions")}
    for name in ("title", "category", "conditions"):  # one line each, as those of others are read
        words[name] = label(words[name], cap=LONGEST_TEXT)
    words["category"] = words["category"].lstrip("#").lower()
    problems = first_problems(**words, quantity=quantity) | problems
    if problems or purpose is None or action is None:
        raise Invalid(problems)
    return Draft(
        purpose=purpose,
        action=action,
        place=place,
        quantity=quantity,
        unit=unit,
        ends_at=ends_at,
        language=language,
        **words,
    )


def last_day(ends_at: Instant | None, *, zone: str) -> str:
    """The day to show in a form again: what `draft` makes of it is `ends_at`."""
    if ends_at is None:
        return ""
    return datetime.fromtimestamp(ends_at / 1000 - 1, ZoneInfo(zone)).date().isoformat()


def _action(text: str) -> Action | None:
    return next((action for action in Action if action.lower() == text.strip().lower()), None)


def _place(text: str, problems: dict[str, str]) -> Place | None:
    if not text.strip():
        return None
    found = places.find(text)
    if len(found) == 1:
        return found[0]
    problems["place"] = SEVERAL_PLACES if found else NO_SUCH_PLACE
    return None


def _quantity(text: str, problems: dict[str, str]) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", ".")) if text.strip() else Decimal(1)
    except InvalidOperation:
        problems["quantity"] = N_("Write a number.")
        return Decimal(1)


def _unit(text: str, problems: dict[str, str]) -> Unit:
    try:
        return Unit(text.strip().lower()) if text.strip() else Unit.ONE
    except ValueError:
        problems["unit"] = N_("Choose one of these: one, hour, kilogram, litre.")
        return Unit.ONE


def _end(text: str, problems: dict[str, str], *, zone: str, now: Instant) -> Instant | None:
    """The midnight after the last day, where the association lives."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        end = from_datetime(datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)))
    except (ValueError, OverflowError):
        problems["until"] = N_("This is not a date. Write it like 2027-01-31.")
        return None
    if end <= now:
        problems["until"] = N_("This day has passed.")
    return end
