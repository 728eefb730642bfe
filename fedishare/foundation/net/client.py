"""Asking other servers, and telling them things: what the rest of the house uses.

`get` follows a few redirects, each checked and signed anew; `post` follows none and takes the shortest way. Both have
one deadline over everything: names, connections, redirects, the last byte. Neither judges a status: 404 and 500 are
answers, and what they mean is for the caller. The client of httpx is not between us and the transport: it has cookies,
proxies, and a way of its own to read redirects, in which a hostile `Location` makes it stumble.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
from msgspec import Struct

from fedishare.foundation.net import limits
from fedishare.foundation.net.addresses import Network
from fedishare.foundation.net.connection import Reply
from fedishare.foundation.net.decoding import ACCEPTED
from fedishare.foundation.net.dialling import Connector, Sockets
from fedishare.foundation.net.resolving import Guard, Resolver, SystemResolver, read_hosts
from fedishare.foundation.net.transport import GuardedTransport
from fedishare.foundation.net.urls import Location, follow, read_url
from fedishare.foundation.values.errors import N_, Malformed, Unreachable

Sign = Callable[[str], Mapping[str, str]]
"""The headers that sign a GET of this URL; called once for each hop, so that no signature goes where it is not for."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NetSettings(Struct, frozen=True, kw_only=True):
    """`allow_networks` are for tests on one machine: what lies in them may be called by http, at any port. `deadline_s`
    is for those requests that say nothing else."""

    user_agent: str
    allow_networks: tuple[Network, ...] = ()
    hosts_file: Path | None = None
    ca_file: Path | None = None
    deadline_s: float = limits.DEADLINE_S


class Answer(Struct, frozen=True, kw_only=True):
    """`headers` have lower-case names, repeated ones joined by commas; `url` is where the answer came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Net:
    """Made by `open_net`; one for an instance."""

    def __init__(
        self, transport: GuardedTransport, *, user_agent: str, resolver: SystemResolver, deadline_s: float
    ) -> None:
        self._transport = transport
        self._user_agent = user_agent
        self._resolver = resolver
        self._deadline_s = deadline_s

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        sign: Sign | None = None,
        deadline_s: float | None = None,
        cap: int = limits.DOCUMENT_BYTES,
    ) -> Answer:
        """GET, through at most three redirects. `cap` bounds the body before and after unpacking.

        Raises Untrusted for an address, port or scheme that we do not call; Unreachable when there is no answer in
        time; Malformed for one that is no HTTP, too large, or redirects for ever.
        """
        location = read_url(url)
        deadline_s = self._deadline_s if deadline_s is None else deadline_s
        try:
            async with asyncio.timeout(deadline_s):
                return await self._followed(url, location, headers or {}, sign, cap)
        except TimeoutError:
            raise _late(location, deadline_s) from None

    async def _followed(
        self, url: str, location: Location, headers: Mapping[str, str], sign: Sign | None, cap: int
    ) -> Answer:
        for _ in range(1 + limits.REDIRECTS):
            given = {"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED, **headers}
            given |= sign(location.url) if sign else {}
            request = httpx.Request("GET", location.url, headers=given, extensions={"cap": cap})
            response = await self._transport.handle_async_request(request)
            target = response.headers.get("location")
            if response.status_code not in _REDIRECTS or target is None:
                body = await response.aread()
                return Answer(status=response.status_code, headers=dict(response.headers), body=body, url=url)
            location = follow(location, target)
            url = location.url
        raise Malformed(f"redirected more than {limits.REDIRECTS} times, last to {url}")

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        sign: Sign | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """POST without redirects. Of the answer's body only the beginning is read, to say what went wrong (A281).

        `sign` is called when a connection stands: a signature costs as much as all the rest, and the dead need none.
        May be sent twice when a kept connection closes without a word (see `Pool.exchange`). Raises as `get`.
        """
        location = read_url(url)

        def given() -> list[tuple[str, str]]:
            signed = sign(location.url) if sign else {}
            return [("User-Agent", self._user_agent), *headers.items(), *signed.items()]

        deadline_s = self._deadline_s if deadline_s is None else deadline_s
        try:
            async with asyncio.timeout(deadline_s):
                reply = await self._transport.exchange("POST", location, given, body, cap=limits.ANSWER_BYTES, cut=True)
        except TimeoutError:
            raise _late(location, deadline_s) from None
        return Answer(status=reply.status, headers=_by_name(reply), body=reply.body, url=url)

    async def close(self) -> None:
        """Hang up everywhere."""
        await self._transport.aclose()
        self._resolver.close()


def _by_name(reply: Reply) -> dict[str, str]:
    return {name.decode("latin-1"): reply.header(name) for name, _ in reply.headers}


def open_net(settings: NetSettings, *, resolver: Resolver | None = None, connector: Connector | None = None) -> Net:
    """Tests bring a resolver and a connector of their own. Raises BadSetting for a hosts or CA file that is none."""
    hosts = read_hosts(settings.hosts_file) if settings.hosts_file else {}
    system = SystemResolver()
    guard = Guard(resolver or system, hosts, settings.allow_networks)
    transport = GuardedTransport(guard, connector or Sockets(settings.ca_file))
    return Net(transport, user_agent=settings.user_agent, resolver=system, deadline_s=settings.deadline_s)


def _late(location: Location, deadline_s: float) -> Unreachable:
    return Unreachable(N_("%(host)s: no answer within %(time)s s"), host=location.authority, time=f"{deadline_s:g}")
