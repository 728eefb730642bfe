"""The form of an offer, as somebody signed in has it open: what is typed into it is sent as often as wanted."""

from urllib.parse import urlencode

from tests.servers import Server
from tests.visitor import Visitor


class Form:
    """The town must run while this is made; whoever sends what it gives holds the connection (`wire.Sender`)."""

    def __init__(self, town: Server, name: str, *, owner: str = "") -> None:
        visitor = Visitor(town.base_url).sign_in(name)
        visitor.go("/new")
        self.name = name
        self._fields = visitor.form("/new").fields | {"place": "Lille", "text": "Pendant que tout tombe."}
        if owner:
            self._fields["owner"] = owner
        self._head = (
            f"Host: {town.listen}\r\nOrigin: {town.base_url}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {'; '.join(f'{key}={value}' for key, value in visitor.cookies.items())}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nAccept: text/html\r\n"
        )
        visitor.close()

    def filled(self, title: str, *, to: str = "/new") -> bytes:
        """A whole request."""
        body = urlencode(self._fields | {"title": title}).encode()
        return f"POST {to} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def reading(self, path: str) -> bytes:
        """A whole request for a page, as the same person."""
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()
