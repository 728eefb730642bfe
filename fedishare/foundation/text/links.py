"""Links in texts from elsewhere: only to addresses that everybody reads alike, and each says whom it leads to.

Source: attacks A165 and A171 (CVE-2023-36462). A text that looks like one address and leads to another gets the real
host behind it. Works on what `sanitise` has cleaned, where every tag and attribute is written in one way.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import escape, unescape

SCHEMES = {"http", "https", "mailto", "tel"}

# Scheme, //, and a host without user name, backslash or escapes: programs disagree about where others lead.
_ADDRESS = re.compile(
    r"https?://([^\s\x00-\x1f/?#\\@%<>\"']{1,253}?)(?::[0-9]{1,5})?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL
)
_LETTER = re.compile(r"mailto:[^\s?@]+@([^\s?@,]+)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_OTHER = re.compile(r"(?:mailto|tel):", re.IGNORECASE)

_LINK = re.compile(r'<a((?: [a-z]+="[^"]*")*)>((?:(?!</?a[ >]).)*)</a>', re.DOTALL)
_HREF = re.compile(r' href="([^"]*)"')
_PIECE = re.compile(r'<(/?)([a-z]+)((?: [a-z]+="[^"]*")*)>|([^<]+)')
_INVISIBLE = re.compile(r' class="[^"]*\binvisible\b')

_FULL_STOPS = str.maketrans("\u3002\uff61", "..")
_NAME = re.compile(r"@[\w.-]+")
_HANDLE = re.compile(r"@[\w.-]+@([\w.-]+)")
_WORD = re.compile(r"[^\s<>()\[\],;\"'«»“”‘’]+")
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+")
_HOST_LENGTH = 253
_PATH = re.compile(r"[/?#\\]")
_PORT = re.compile(r":[0-9]*$")


def allowed(address: str) -> bool:
    """Whether a link may lead there: a whole address, never one that begins at our own page or at its scheme."""
    return bool(_ADDRESS.fullmatch(address) or _OTHER.match(address))


def honest(html: str) -> str:
    """Clean `html`, with the real host behind each link that shows another. Doing it twice changes nothing."""
    return _LINK.sub(_with_host, html) if "</a>" in html else html


def _with_host(link: re.Match[str]) -> str:
    attributes, inside = link.groups()
    href = _HREF.search(attributes)
    host = _host(unescape(href[1])) if href else None
    if host is None or _says(_seen(inside), host):
        return link[0]
    return f"<a{attributes}>{inside}{escape(_behind(host))}</a>"


def _behind(host: str) -> str:
    return f" ({host})"


def _host(address: str) -> str | None:
    """In ASCII where that can be: letters of two alphabets look alike. None for a telephone."""
    found = _ADDRESS.fullmatch(address) or _LETTER.fullmatch(address)
    if found is None:
        return None
    name = found[1].lower().removesuffix(".")
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _says(seen: str, host: str) -> bool:
    """Whether nobody who reads `seen` takes it for the address of another host."""
    if seen.endswith(_behind(host)) or _NAME.fullmatch(seen):
        return True
    handle = _HANDLE.fullmatch(seen)
    if handle is not None and f".{host}".endswith(f".{handle[1].lower()}"):
        return True  # a handle's domain may be above the server's (INTEROP A.1)
    shown = next(_shown(seen), host)
    return shown.removeprefix("www.") == host.removeprefix("www.")


def _shown(seen: str) -> Iterator[str]:
    """Every host that one of the words looks like. Word by word, so that a long text costs no more than its length."""
    for word in _WORD.findall(seen):
        _, slashes, rest = word.partition("//")
        name = _PORT.sub("", _PATH.split(rest if slashes else word, maxsplit=1)[0].lower().rstrip(".:!?"))
        if slashes or (len(name) <= _HOST_LENGTH and _HOST.fullmatch(name.rpartition("@")[2])):
            yield name if slashes else name.rpartition("@")[2]


def _seen(inside: str) -> str:
    """The text of a link as the eye reads it: what is marked invisible is not there, odd dots are dots."""
    text = unicodedata.normalize("NFKC", unescape("".join(_visible(inside)))).translate(_FULL_STOPS)
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def _visible(inside: str) -> Iterator[str]:
    hidden: list[bool] = []
    for closing, tag, attributes, text in _PIECE.findall(inside):
        if text:
            if not any(hidden):
                yield text
        elif tag == "span":
            if closing:
                hidden.pop()
            else:
                hidden.append(bool(_INVISIBLE.search(attributes)))
