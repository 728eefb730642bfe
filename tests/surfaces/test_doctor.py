"""What the doctor learns of the proxy by asking the server through it."""

import pytest

from fedishare.foundation.net.client import NetSettings, open_net
from fedishare.foundation.values.here import Here
from fedishare.foundation.values.ids import IdSource
from fedishare.surfaces.upkeep import doctor
from fedishare.surfaces.upkeep.doctor import Verdict
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
