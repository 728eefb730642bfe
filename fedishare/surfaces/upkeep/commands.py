"""`fedishare doctor`: looks at everything that can be wrong and says it in sentences. Exit code 1 when something is."""

from typing import Any

import click

from fedishare.foundation.terminal import Terminal, in_words
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.errors import Misconfigured, Refusal
from fedishare.surfaces.upkeep import doctor as look
from fedishare.surfaces.upkeep.doctor import Finding, Verdict

_NAMES = {
    "settings": N_("Settings"),
    "database": N_("Database"),
    "disk": N_("Disk"),
    "clock": N_("Clock"),
    "keys": N_("Keys"),
    "base URL": N_("Address"),
    "WebFinger": "WebFinger",
    "proxy": N_("Proxy"),
    "inbox": N_("Inbox"),
    "deliveries": N_("Deliveries"),
    "heard": N_("Heard"),
}
_MARKS = {Verdict.GOOD: "✓", Verdict.WARNING: "!", Verdict.BAD: "✗"}


@click.command("doctor", help=N_("Look at everything that can be wrong, and say what to do."))
@click.option("--json", "as_json", is_flag=True, help=N_("One JSON object a line."))
@click.pass_obj
def doctor(terminal: Terminal, as_json: bool) -> None:
    findings = _findings(terminal)
    for finding in findings:
        if as_json:
            terminal.json(finding)
        else:
            mark, what = _MARKS[finding.verdict], _(_NAMES[finding.what])
            terminal.say(_("%(mark)s %(what)s: %(text)s", mark=mark, what=what, text=finding.text))
    wrong = sum(finding.verdict is Verdict.BAD for finding in findings)
    if wrong:
        terminal.fail(_("Something is wrong: look at the lines marked ✗."))
    if not as_json:
        terminal.say(_("All is well."))


def _findings(terminal: Terminal) -> list[Finding]:
    found = list(look.settings_for_trying(terminal.settings, terminal.configured.unknown))
    try:
        opened: Any = terminal.opened
        here = opened.here
        secret = opened.secret
    except Misconfigured as trouble:
        return [*found, look.bad("settings", in_words(trouble))]
    except Refusal as refusal:
        return [*found, look.bad("database", f"{_(refusal.title)} {_(refusal.advice)}")]
    now, zone = terminal.now(), here.time_zone
    found += [terminal.run(look.database(opened.db)), look.disk(terminal.settings)]
    found.append(terminal.run(look.clock(opened.db, opened.net, now)))
    found.append(terminal.run(look.keys(opened.db, secret)))
    found += [look.base_url(here), terminal.run(look.webfinger(opened.db, opened.net, here))]
    found.append(terminal.run(look.proxy(opened.net, here)))
    found += terminal.run(look.queues(opened.db, now, zone))
    found.append(terminal.run(look.heard(opened.db, zone)))
    return found
