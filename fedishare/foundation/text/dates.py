"""Dates and numbers as people say them, in the current language: "jeudi 26 novembre", "3 410".

Babel is imported when first needed: it costs memory that a server which shows no page need not have. Zones are the
reader's; the database knows none.
"""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from fedishare.foundation.text.translate import _, current_language
from fedishare.foundation.values.clock import Instant, to_datetime


def day(instant: Instant, *, zone: str) -> str:
    """Such as “jeudi 26 novembre 2026”."""
    return day_words(_local(instant, zone).date())


def day_words(when: date) -> str:
    """A date of no zone in words, year included."""
    from babel.dates import format_date

    pattern = "EEEE d MMMM y" if current_language() == "fr" else "EEEE, d MMMM y"
    return format_date(when, pattern, locale=current_language())


def short_day(instant: Instant, *, zone: str) -> str:
    """Such as “5 décembre 2026”: without the day of the week."""
    from babel.dates import format_date

    return format_date(_local(instant, zone).date(), "d MMMM y", locale=current_language())


def moment(instant: Instant, *, zone: str) -> str:
    """Such as “jeudi 26 novembre 2026, 17 h 30”."""
    return _("%(day)s, %(time)s", day=day(instant, zone=zone), time=_time_of_day(_local(instant, zone)))


def lately(instant: Instant, *, now: Instant, zone: str) -> str:
    """“aujourd’hui”, “hier”, or the date, without the year when it is this one: how long a notice has been there."""
    from babel.dates import format_date

    then, today = _local(instant, zone).date(), _local(now, zone).date()
    if then == today:
        return _("today")
    if then == today - timedelta(days=1):
        return _("yesterday")
    pattern = "d MMMM" if then.year == today.year else "d MMMM y"
    return format_date(then, pattern, locale=current_language())


def today(now: Instant, *, zone: str) -> str:
    """The date for the machine, such as "2026-11-26": what `lately` says holds as long as it does."""
    return _local(now, zone).date().isoformat()


def number(value: int) -> str:
    """With the separators of the language."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=current_language())


def _time_of_day(when: datetime) -> str:
    if current_language() == "fr":
        return f"{when.hour} h {when.minute:02}" if when.minute else f"{when.hour} h"
    return f"{when.hour}:{when.minute:02}"


def _local(instant: Instant, zone: str) -> datetime:
    return to_datetime(instant).astimezone(_zone(zone))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
