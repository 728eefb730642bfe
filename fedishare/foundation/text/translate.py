"""gettext for the house: `_("English sentence")` is said in the language of whoever reads.

The language is a context variable: a request, a command and a job each have their own. Catalogues are the compiled
`.mo` files of `fedishare/locale`; English needs none, its sentences are the msgids. Compiling and checking them is
`foundation.text.catalogues`; dates and numbers are `foundation.text.dates`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from fedishare.foundation.values.errors import N_, Misconfigured

__all__ = ["LANGUAGES", "N_", "_", "current_language", "in_language", "ngettext", "pgettext", "use_language"]

LANGUAGES = {"fr": "Français", "en": "English"}
LOCALE = Path(__file__).parents[2] / "locale"

_language: ContextVar[str] = ContextVar("language", default="fr")


def use_language(language: str) -> None:
    """Speak `language` from here on in this task; one we do not speak becomes English."""
    _language.set(language if language in LANGUAGES else "en")


def current_language() -> str:
    return _language.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Speak `language` inside the block: a Note is in its author's language, whoever runs the worker."""
    before = _language.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(before)


def _(text: str, /, **values: object) -> str:
    """`text` in the current language, its `%(name)s` places filled when values are given."""
    said = _catalogue(_language.get()).gettext(text) if text else ""
    return said % values if values else said


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """The form for `count`, which is also the value of `%(count)s`."""
    return _catalogue(_language.get()).ngettext(one, many, count) % {"count": count, **values}


def pgettext(context: str, text: str, /, **values: object) -> str:
    """For words that mean two things in English; `context` tells the translator which."""
    said = _catalogue(_language.get()).pgettext(context, text)
    return said % values if values else said


@cache
def _catalogue(language: str) -> NullTranslations:
    """Raises Misconfigured when the catalogue was never compiled: a French site must not fall silently into English."""
    if language == "en":
        return NullTranslations()
    compiled = LOCALE / language / "LC_MESSAGES" / "fedishare.mo"
    try:
        with compiled.open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:
        raise Misconfigured(
            f"The words of the language “{language}” are not compiled. Run `make setup`, "
            "or `python -m fedishare.foundation.text.catalogues compile`."
        ) from None
