"""Reports as four servers send them: about our association and its offer, in as many forms (INTEROP B.9)."""

import pytest

from tests.payloads.town import Town

REPORTS = {
    "gotosocial/flag.json": ("Betrugsverdacht", ""),
    "mastodon/flag.json": ("Spam-Angebot", ""),
    "pleroma/flag.json": ("Spam", "/activity"),
    "pleroma/flag_legacy_embedded.json": ("Spam", "/activity"),
}
"""What each says, and what the address of our offer has at its end."""


@pytest.mark.parametrize("file", REPORTS)
async def test_report_reaches_the_administrators(share: Town, file: str) -> None:
    await share.receives(file)

    words, end = REPORTS[file]
    ((about, objects, content),) = await share.ask(
        "select a.uri, r.objects, r.content from report r join actor a on a.id = r.target_id"
    )
    assert (about, content) == (share.werkstatt.uri, words)
    assert objects == f'["{share.offer.uri}{end}"]'
    assert await share.ask("select kind from notification") == [("report",)]
