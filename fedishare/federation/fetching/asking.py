"""The way out of everything that is fetched: whoever is blocked here is never asked, not even after a redirect.

Source: WIRE.md "Instances" ("They hold in the fetcher"); attack A094. What the answer is worth is for `documents` and
`webfinger` to say; whether the address may be called at all for `foundation.net`.
"""

from collections.abc import Mapping

from fedishare.federation.policy.domains import Guard, Verdict, refused
from fedishare.foundation.net import limits
from fedishare.foundation.net.client import Answer, Net, Sign


class Asking:
    """`Net`, as far as fetching uses it, with the rules of this instance in front."""

    def __init__(self, net: Net, guard: Guard) -> None:
        self._net = net
        self._guard = guard

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        sign: Sign | None = None,
        deadline_s: float | None = None,
        cap: int = limits.DOCUMENT_BYTES,
    ) -> Answer:
        """As `Net.get`. Raises Untrusted for a server that this instance does not speak with, at any hop."""
        verdict_of = await self._guard.current()

        def admitted(hop: str) -> Mapping[str, str]:
            if verdict_of(hop) is Verdict.BLOCK:
                raise refused(hop)
            return sign(hop) if sign else {}

        return await self._net.get(url, headers=headers, sign=admitted, deadline_s=deadline_s, cap=cap)
