"""Both languages are complete, and the check that says so can say otherwise."""

import asyncio
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest

from fedishare.foundation.text import catalogues
from fedishare.foundation.text.template_words import words_outside_gettext
from fedishare.foundation.text.translate import _, current_language, in_language, ngettext, use_language


def test_both_languages_are_complete() -> None:
    assert catalogues.faults() == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('msgstr "Aide"', 'msgstr ""', "has no French"),
        ('msgid "Help"\nmsgstr "Aide"', '#, fuzzy\nmsgid "Help"\nmsgstr "Aide"', "fuzzy: 'Help'"),
        ('msgstr "Aide"', 'msgstr "Help"', "French equals English: 'Help'"),
        ('msgstr "Aide"', 'msgstr "L\'aide"', "straight apostrophe in French: 'Help'"),
        ('msgstr "Bonjour %(name)s."', 'msgstr "Bonjour."', "other places in French"),
        ('msgid "Help"\nmsgstr "Aide"', 'msgid "Nobody says this"\nmsgstr "Personne"', "unused: 'Nobody says this'"),
        (
            'msgid "Help"\nmsgstr "Aide"',
            'msgid "Help"\nmsgstr "Aide"\n\nmsgid "Help"\nmsgstr "Secours"',
            'twice: msgid "Help"',
        ),
    ],
)
def test_the_check_notices_what_is_wrong(tmp_path: Path, before: str, after: str, fault: str) -> None:
    spoilt = tmp_path / "fedishare.po"
    text = catalogues.CATALOGUE.read_text(encoding="utf-8")
    assert before in text
    spoilt.write_text(text.replace(before, after, 1), encoding="utf-8")

    assert any(fault in found for found in catalogues.faults(spoilt))


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{{ _('Words') }}</p>", []),
        ("<p>Bare words</p>", ["Bare words"]),
        ('<a aria-label="Close" href="/x">x</a>', ["Close"]),
        ('<a aria-label="{{ _("Close") }}" class="btn">{{ name }}</a>', []),
        ("{# a comment #}{% if this %}·{% endif %} 42", []),
        ('<input placeholder="drill, hall">', ["drill, hall"]),
    ],
)
def test_words_outside_gettext_are_found_in_a_template(template: str, found: list[str]) -> None:
    assert words_outside_gettext(template) == found


def test_french_typography_is_set_when_compiling() -> None:
    french = GNUTranslations(BytesIO(catalogues.compiled()))

    assert french.gettext("Whose site is this?") == "À qui est ce site\N{NO-BREAK SPACE}?"
    assert catalogues.french_spaces("« Suivre » : oui ; non !") == "«\xa0Suivre\xa0»\xa0: oui\xa0; non\xa0!"


def test_a_sentence_is_said_in_the_language_of_the_moment() -> None:
    with in_language("fr"):
        assert _("Help") == "Aide"
        assert _("Hello %(name)s.", name="100 % Zoé") == "Bonjour 100 % Zoé."
        assert ngettext("%(count)s open offer", "%(count)s open offers", 0) == "0 offre ouverte"
        assert ngettext("%(count)s open offer", "%(count)s open offers", 2) == "2 offres ouvertes"
        with in_language("en"):
            assert _("Help") == "Help"
        assert _("Help") == "Aide"


def test_a_language_we_do_not_speak_becomes_english() -> None:
    with in_language("de"):
        assert current_language() == "en"


async def test_each_task_speaks_its_own_language() -> None:
    async def say(language: str) -> str:
        use_language(language)
        await asyncio.sleep(0)
        return _("Help")

    assert list(await asyncio.gather(say("fr"), say("en"), say("fr"))) == ["Aide", "Help", "Aide"]
