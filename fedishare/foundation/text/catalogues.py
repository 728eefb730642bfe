"""Compile the catalogues, and tell what is wrong with them.

    python -m fedishare.foundation.text.catalogues compile
    python -m fedishare.foundation.text.catalogues check

Compiling sets the no-break spaces of French typography, so that nobody has to type them. The checks: a sentence of the
code without its French, an entry nobody uses, fuzzy or doubled entries, a French text equal to the English one that is
not in `SAME_IN_BOTH`, places (`%(name)s`) that differ, a straight apostrophe, and words in a template that stand
outside gettext (`template_words.py`). Run by `make check` and by tests; the server never imports this.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from fedishare.foundation.text.template_words import words_outside_gettext
from fedishare.foundation.text.translate import LOCALE

PACKAGE = LOCALE.parent
CATALOGUE = LOCALE / "fr" / "LC_MESSAGES" / "fedishare.po"
KEYWORDS = {"_": None, "N_": None, "NN_": (1, 2), "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**/pages/**.html", "jinja2"), ("**/letters/**.txt", "jinja2"), ("**.py", "python")]
SAME_IN_BOTH = {
    "litre", "litres", "%(amount)s × %(unit)s", "Pages",
    "Documents", "%(day)s, %(time)s", "Action", "Description", "Message", "Messages", "Notes",
}  # fmt: skip
"""Sentences that French and English share."""

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
MSGID = re.compile(r'^msgid ((?:".*"\s*)+)', re.MULTILINE)
NO_BREAK = "\N{NO-BREAK SPACE}"


def compiled() -> bytes:
    """The `.mo` of the French catalogue."""
    catalogue = _read(CATALOGUE)
    for message in catalogue:
        if message.id:
            message.string = _typeset(message)
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def faults(path: Path = CATALOGUE) -> list[str]:
    """Everything that is wrong with the catalogue at `path`, a sentence each."""
    catalogue = _read(path)
    used = _used()
    found = [f"{where}: {key[1]!r} has no French" for key, where in used.items() if not _has(catalogue, key)]
    found += [f"unused: {_key(each)[1]!r}" for each in catalogue if each.id and _key(each) not in used]
    found += [fault for each in catalogue if each.id for fault in _faults_of(each)]
    found += [f"{path.relative_to(PACKAGE)}: outside gettext: {words!r}" for path, words in _bare_words()]
    return found + _doubled(path)


def french_spaces(text: str) -> str:
    """No-break spaces before high punctuation and inside guillemets. Not the narrow ones: at the size of a title the
    display font leaves next to nothing of them."""
    return re.sub(r" (?=[;?!:»])", NO_BREAK, text).replace("« ", f"«{NO_BREAK}")


def _typeset(message: Message) -> str | tuple[str, ...]:
    said = tuple(french_spaces(each) for each in _strings(message))
    return said if isinstance(message.id, (tuple, list)) else said[0]


def _strings(message: Message) -> list[str]:
    if not message.string:
        return [""]
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def _key(message: Message) -> tuple[str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or "", text)


@cache
def _used() -> dict[tuple[str, str], str]:
    """Each sentence that the code says, with a place where it does."""
    found = extract_from_dir(str(PACKAGE), METHODS, {}, KEYWORDS)
    return {
        (context or "", text if isinstance(text, str) else text[0]): f"{name}:{line}"
        for name, line, text, _comments, context in found
    }


def _has(catalogue: Catalog, key: tuple[str, str]) -> bool:
    context, text = key
    message = catalogue.get(text, context or None)
    return message is not None and all(_strings(message))


def _faults_of(message: Message) -> Iterator[str]:
    key, strings = _key(message)[1], _strings(message)
    if message.fuzzy:
        yield f"fuzzy: {key!r}"
    if key in strings and key not in SAME_IN_BOTH:
        yield f"French equals English: {key!r}"
    for string in strings:
        if sorted(PLACE.findall(string)) != sorted(PLACE.findall(key)) and "count" not in string + key:
            yield f"other places in French: {key!r}"
        if "'" in string:
            yield f"straight apostrophe in French: {key!r}"


def _doubled(path: Path) -> list[str]:
    """babel keeps the last of two entries; the translator of the first would never know."""
    seen: set[str] = set()
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        head = "\n".join(lines).split("\nmsgstr")[0].strip()
        if head and head != 'msgid ""' and head in seen:
            found.append(f"twice: {head}")
        seen.add(head)
    return found


def _bare_words() -> Iterator[tuple[Path, str]]:
    for path in sorted(PACKAGE.glob("*/*/pages/*.html")):
        for words in words_outside_gettext(path.read_text(encoding="utf-8")):
            yield path, words


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        CATALOGUE.with_suffix(".mo").write_bytes(compiled())
        return 0
    if arguments == ["check"]:
        found = faults()
        sys.stdout.write("\n".join(found or ["Both languages are complete."]) + "\n")
        return 1 if found else 0
    sys.stdout.write(str(__doc__))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
