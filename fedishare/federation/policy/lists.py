"""Lists of servers as Mastodon exports and imports them: CSV with a head, one domain a line.

`#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate`; `silence` is our limit, `suspend` our
block, and `noop` only counts where it refuses media, which is what a limit does. A list without severities (of allowed
servers, or a plain one) gets the severity that its reader names. Pure: nothing is stored here.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from msgspec import Struct

from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.federation.policy.ruling import LONGEST_COMMENT, subject_of
from fedishare.foundation.values.errors import N_, Invalid

HEAD = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
MOST = 50_000

_SEVERITIES = {
    "suspend": Verdict.BLOCK,
    "silence": Verdict.LIMIT,
    "block": Verdict.BLOCK,
    "limit": Verdict.LIMIT,
    "allow": Verdict.ALLOW,
}
_WORDS = {Verdict.BLOCK: "suspend", Verdict.LIMIT: "silence"}


class Skipped(Struct, frozen=True, kw_only=True):
    """A line that makes no rule, and why."""

    line: int
    text: str
    why: str


class List(Struct, frozen=True, kw_only=True):
    """What a file says, the last word about each domain, and what could not be read."""

    rules: Sequence[Rule]
    skipped: Sequence[Skipped]


def read_list(text: str, *, severity: Verdict) -> List:
    """`severity` is for lines that name none. Raises Invalid for what is no such list at all."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff").replace("\0", ""))))
    except csv.Error as error:
        raise Invalid({"list": N_("This is no list in CSV.")}, detail=str(error)) from None
    if len(rows) > MOST:
        raise Invalid({"list": N_("This list is too long.")})
    names = _names(rows[0]) if rows and rows[0] else None
    rules: dict[str, Rule] = {}
    skipped: list[Skipped] = []
    for number, row in enumerate(rows[1:] if names else rows, start=2 if names else 1):
        if not any(cell.strip() for cell in row):
            continue
        fields = dict(zip(names or ("domain",), row, strict=False))
        found = _rule(fields, severity)
        if isinstance(found, Rule):
            rules[found.subject] = found
        else:
            skipped.append(Skipped(line=number, text=row[0][:200], why=found))
    return List(rules=list(rules.values()), skipped=skipped)


def write_list(rules: Iterable[Rule]) -> str:
    """Limits and blocks of servers, as Mastodon reads them. Rules about single actors are none of its list."""
    return _written(HEAD, [_row(rule) for rule in rules if "://" not in rule.subject and rule.severity in _WORDS])


def write_allowed(rules: Iterable[Rule]) -> str:
    """Allowed servers, as Mastodon reads them: their domains alone."""
    allowed = [rule for rule in rules if "://" not in rule.subject and rule.severity is Verdict.ALLOW]
    return _written(("#domain",), [(rule.subject,) for rule in allowed])


def _names(head: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the columns; None when the first line is a domain already."""
    names = tuple(cell.strip().lower().removeprefix("#") for cell in head)
    return names if names[0] == "domain" else None


def _rule(fields: dict[str, str], severity: Verdict) -> Rule | str:
    """A rule, or why there is none (a msgid)."""
    word = fields.get("severity", "").strip().lower()
    refuses_media = fields.get("reject_media", "").strip().lower() == "true"
    if word == "noop" and not refuses_media:
        return N_("it asks for nothing")
    if word and word != "noop" and word not in _SEVERITIES:
        return N_("its severity is not known")
    try:
        subject = subject_of(fields.get("domain", ""))
    except Invalid:
        return N_("this is no domain")
    meant = Verdict.LIMIT if word == "noop" else _SEVERITIES.get(word, severity)
    return Rule(subject=subject, severity=meant, comment=fields.get("public_comment", "").strip()[:LONGEST_COMMENT])


def _row(rule: Rule) -> tuple[str, ...]:
    return (rule.subject, _WORDS[rule.severity], "true", "false", rule.comment, "false")


def _written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A comment that a spreadsheet would calculate is text there, too."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
