"""The templates of all rooms, and the words that every one of them may use.

They live beside their feature in `pages/` and are named `<room>/<file>`.
"""

from functools import cache, lru_cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from fedishare.foundation.text import dates, translate
from fedishare.foundation.web.drawing import HOLE
from fedishare.foundation.web.static import static_files

PACKAGE = Path(__file__).parents[2]


@cache
def environment() -> Environment:
    """Every room's templates under the room's name. An unknown word in a template is an error, never an empty place."""
    rooms: dict[str, BaseLoader] = {"web": FileSystemLoader(Path(__file__).parent / "pages")}
    for folder in sorted(PACKAGE.glob("*/*/pages")):
        rooms.setdefault(folder.parent.name, FileSystemLoader(folder))
    # Templates come with the release: looking for newer ones would ask the disk six times a page.
    made = Environment(
        loader=PrefixLoader(rooms), autoescape=True, undefined=StrictUndefined, trim_blocks=True, auto_reload=False
    )
    made.lstrip_blocks = True
    made.globals |= {"_": _said, "ngettext": _counted, "pgettext": _said_of, "number": dates.number}
    made.globals["static"] = static_files().address
    made.globals |= {"hole": HOLE, "macro": macro}
    made.filters["safe_html"] = Markup
    return made


@cache
def macro(file: str, name: str) -> Macro:
    """`macro("web/parts.html", "icon")` in a template: what `{% from %}` gives, looked for once and not at each page.
    Raises AttributeError for one that is not there."""
    found: Macro = getattr(environment().get_template(file).module, name)
    return found


def _said(text: str, /, **values: object) -> Markup:
    """`_` in a template: the sentence is ours, the values are escaped unless they are Markup."""
    said_text = _sentence(text, translate.current_language())
    return said_text % values if values else said_text


@lru_cache(maxsize=2_000)
def _sentence(text: str, language: str) -> Markup:
    """In the current language, which is `language`."""
    return escape(translate._(text))


def _counted(one: str, many: str, count: int, /, **values: object) -> Markup:
    return escape(translate.ngettext(one, many, count, **values))


def _said_of(context: str, text: str, /, **values: object) -> Markup:
    said_text = escape(translate.pgettext(context, text))
    return said_text % values if values else said_text
