"""The wire between two servers, seen: a plain HTTP proxy that keeps every exchange, in front of whichever is tapped.

It stands behind the TLS proxy, belongs to neither side and changes nothing. `refuse` makes it answer 401 in the place
of a server that does not know one of the two signature schemes.
"""

import http.client
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.processes import eventually

CAVAGE = "draft-cavage-12"
RFC9421 = "rfc9421"
UNSIGNED = "unsigned"
_HOP = {"connection", "transfer-encoding", "keep-alive"}


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer_headers: dict[str, str]

    @property
    def scheme(self) -> str:
        """How the request is signed. Whether it is signed well is for the servers to say, not for the wire."""
        if "signature" not in self.headers:
            return UNSIGNED
        return RFC9421 if "signature-input" in self.headers else CAVAGE

    @property
    def activity(self) -> str | None:
        """The type of the activity it carries."""
        return str(json.loads(self.body).get("type")) if self.body else None


class Tap:
    """A context manager. `address` is where the TLS proxy must send what is for the server at `upstream`."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.exchanges: list[Exchange] = []
        self._refused: tuple[str, str] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def refuse(self, method: str, scheme: str) -> None:
        """From now on such requests that are signed like this are answered 401, and all others are let through."""
        self._refused = method, scheme

    def refuses(self, one: Exchange) -> bool:
        return (one.method, one.scheme) == self._refused

    def seen(self, method: str) -> list[Exchange]:
        """What came so far, oldest first."""
        return [one for one in list(self.exchanges) if one.method == method]

    def posts(self, activity: str, *, at_least: int = 1) -> list[tuple[str, int]]:
        """How each delivery of such an activity was signed and what was answered; waits for so many of them.

        A server says what it received before its answer is on the wire.
        """

        def answered() -> list[tuple[str, int]] | None:
            ones = [(one.scheme, one.status) for one in self.seen("POST") if one.activity == activity]
            return ones if len(ones) >= at_least else None

        return eventually(answered, seconds=5, what=f"{at_least} deliveries of {activity}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(tap: Tap) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answered, answer = self._answer(headers, body)
            said = {name.lower(): value for name, value in answered}
            tap.exchanges.append(Exchange(self.command, self.path, headers, body, status, said))
            self.send_response_only(status)
            for name, value in answered:
                if name.lower() not in _HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _answer(self, headers: dict[str, str], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            if tap.refuses(Exchange(self.command, self.path, headers, body, 0, {})):
                return 401, [("Content-Type", "text/plain")], b"this signature scheme is not known here"
            connection = http.client.HTTPConnection(tap.upstream, timeout=30)
            try:
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in _HOP:
                        connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                connection.close()

        def __getattr__(self, name: str) -> Any:
            if name in ("do_GET", "do_POST"):
                return self._pass
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            """The exchanges are the log."""

    return Handler
