"""What the doctor learns of the proxy by asking the server through it, and of the clock by asking others."""

import pytest

from fedishare.federation.outbox import store
from fedishare.foundation.db.database import Database
from fedishare.foundation.net.client import NetSettings, open_net
from fedishare.foundation.values.clock import HOUR, SECOND, http_date, later
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from fedishare.surfaces.upkeep import doctor
from fedishare.surfaces.upkeep.doctor import Verdict
from tests.clock import NOON
from tests.engines import on_each_engine
from tests.remote import Network, Reply

HERE = Here(base_url="https://remise.test", handle_domain="remise.test", ids=IdSource())


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b'{"database":true,"worker":true}', Verdict.GOOD),
        (200, b'{"database":true,"worker":true,"proxy":false}', Verdict.WARNING),
        (503, b'{"database":true,"worker":false,"proxy":false}', Verdict.WARNING),
        (200, b"<html>another site</html>", Verdict.WARNING),
        (502, b"", Verdict.WARNING),
    ],
)
async def test_a_proxy_that_nobody_has_named_is_told(status: int, body: bytes, verdict: Verdict) -> None:
    async with Network() as network:
        network.server("remise.test").serve("/health/ready", Reply(status, body))
        net = open_net(NetSettings(user_agent="test"), resolver=network.resolver, connector=network.connector)

        found = await doctor.proxy(net, HERE)
        await net.close()

    assert (found.what, found.verdict) == ("proxy", verdict)
    assert ("FEDISHARE_TRUSTED_PROXIES" in found.text) == (b'"proxy":false' in body)


@pytest.mark.parametrize(
    ("ahead", "verdict"),
    [
        ([0, 0, 0], Verdict.GOOD),
        ([2 * HOUR, 0, 0], Verdict.GOOD),
        ([90 * SECOND, 2 * HOUR, 0], Verdict.WARNING),
        ([-90 * SECOND], Verdict.WARNING),
        ([2 * HOUR, 2 * HOUR, 0], Verdict.BAD),
    ],
)
@on_each_engine
async def test_the_clock_is_held_against_that_of_most(database: Database, ahead: list[int], verdict: Verdict) -> None:
    async with Network() as network:
        for number, each in enumerate(ahead):
            headers = {"date": http_date(later(NOON, each))}
            network.server(f"host{number}.test").serve("/.well-known/nodeinfo", Reply(200, b"{}", headers))
            await database.write(store.host_answered, host=f"host{number}.test", now=NOON)
        net = open_net(NetSettings(user_agent="test"), resolver=network.resolver, connector=network.connector)

        found = await doctor.clock(database, net, NOON)
        await net.close()

    assert (found.what, found.verdict) == ("clock", verdict)
