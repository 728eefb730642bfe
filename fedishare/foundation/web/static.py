"""Files that never change under their name: style, font, icons. Read once, served from memory for a year.

The name carries a hash of the content, so a new release is a new name. Text is compressed at the start: it holds no
secret (SECURITY 6.3, BREACH), pages are left to the proxy. `style.css` is the design's tokens, elements and parts
joined; `dark.css` stands alone because the reader's choice of theme decides whether it is linked.
"""

from functools import cache
from gzip import compress
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fedishare.foundation.values.errors import NotFound

FOLDER = Path(__file__).parent / "static"
STYLE_PARTS = ("tokens.css", "base.css", "components.css", "additions.css")
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png"}
COMPRESSED = {".css", ".svg"}
A_YEAR = "public, max-age=31536000, immutable"


class File(Struct, frozen=True, kw_only=True):
    media_type: str
    content: bytes
    gzipped: bytes | None


@cache
def static_files() -> "StaticFiles":
    """The one copy in memory: the files are the same for every instance in a process."""
    return StaticFiles()


class StaticFiles:
    """`address("style.css")` for templates; `serve` is the endpoint for `/static/{name}`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, File] = {}
        self._names: dict[str, str] = {}
        for path in sorted(folder.iterdir(), key=lambda path: path.suffix == ".css"):
            if path.suffix in TYPES and path.name not in STYLE_PARTS:
                self._add(path.name, path.read_bytes())
        self._add("style.css", b"\n".join((folder / part).read_bytes() for part in STYLE_PARTS))

    def address(self, name: str) -> str:
        """The path of a file under its lasting name. Raises KeyError for one that is not there."""
        return f"/static/{self._names[name]}"

    async def serve(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise NotFound
        headers = {"Cache-Control": A_YEAR, "Content-Type": file.media_type}
        if file.gzipped is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                return Response(file.gzipped, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, headers=headers)

    def _add(self, name: str, content: bytes) -> None:
        path = Path(name)
        if path.suffix == ".css":
            content = self._with_lasting_names(content)
        lasting = f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}"
        gzipped = compress(content, 9, mtime=0) if path.suffix in COMPRESSED else None
        self._names[name] = lasting
        self._files[lasting] = File(media_type=TYPES[path.suffix], content=content, gzipped=gzipped)

    def _with_lasting_names(self, css: bytes) -> bytes:
        """Fonts are named in the style; they were added before it."""
        for name, lasting in self._names.items():
            css = css.replace(f'url("{name}")'.encode(), f'url("{lasting}")'.encode())
        return css
