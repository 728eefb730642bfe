"""Floor for the start: a fresh Python that imports what a server of this kind runs on, and ends. Nothing else.

Prints nothing: its time is taken from outside, from the start of the process to its end.
"""

import asyncio  # noqa: F401
import importlib

LIBRARIES = (
    "starlette.applications", "starlette.routing", "starlette.responses", "httpx", "uvicorn", "httptools", "aiosqlite",
    "sqlite3", "jinja2", "python_multipart", "msgspec", "msgspec.json", "babel.dates", "babel.numbers", "babel.support",
    "nh3", "markdown_it", "linkify_it", "click", "structlog", "http_sf", "rfc8785", "zoneinfo",
    "cryptography.hazmat.primitives.asymmetric.rsa", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.asymmetric.padding", "cryptography.hazmat.primitives.serialization",
    "cryptography.hazmat.primitives.ciphers.aead", "cryptography.hazmat.primitives.kdf.argon2",
)  # fmt: skip


def main() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
