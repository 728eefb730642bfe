"""Redirects: to machines that are none of our business, without end, or with our signature in the luggage."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fedishare.foundation.values.errors import Malformed, Untrusted
from tests.attacks.lines import attack
from tests.attacks.world import World
from tests.remote import Asked, Reply


def leads(location: str) -> Reply:
    return Reply(302, b"", {"location": location})


@attack("A119")
@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:8000/admin",
        "https://127.0.0.1/admin",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://inner.test/",
    ],
)
async def test_a_redirect_inside_is_not_followed(world: World, where: str) -> None:
    world.network.elsewhere["inner.test"] = ["10.0.0.1"]
    world.carol.server.serve("/users/carol", leads(where))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.actor(world.carol.uri)

    assert world.dialled == ["93.184.215.14:443 (good.test)"]


@attack("A120")
@pytest.mark.parametrize(
    "where",
    [
        "ftp://good.test/users/carol",
        "file:///etc/passwd",
        "data:application/activity+json,{}",
        "http://good.test/users/carol",
        "gopher://good.test/1",
        "javascript:1",
        "//good.test:25/users/carol",
    ],
)
async def test_a_redirect_to_another_scheme_is_refused(world: World, where: str) -> None:
    world.carol.server.serve("/moved", leads(where))

    async with world.unchanged():
        with pytest.raises(Untrusted):
            await world.instance.fetcher.document("https://good.test/moved")

    assert world.outbound == ["GET https://good.test/moved"]


@attack("A121")
async def test_a_loop_ends_and_is_not_begun_again_at_once(world: World) -> None:
    world.carol.server.serve("/a", leads("/b"))
    world.carol.server.serve("/b", leads("/a"))

    async with world.unchanged():
        for _ in range(2):
            with pytest.raises(Malformed):
                await world.instance.fetcher.document("https://good.test/a")

    assert world.outbound == [f"GET https://good.test/{path}" for path in "abab"]


@attack("A121")
async def test_a_chain_of_fifty_is_left_after_three(world: World) -> None:
    for hop in range(50):
        world.carol.server.serve(f"/{hop}", leads(f"/{hop + 1}"))

    async with world.unchanged():
        for _ in range(2):
            with pytest.raises(Malformed):
                await world.instance.fetcher.document("https://good.test/0")

    assert world.outbound == [f"GET https://good.test/{hop}" for hop in range(4)]


@attack("A122")
async def test_each_hop_gets_a_signature_of_its_own(world: World) -> None:
    other = world.network.server("other.test")
    world.carol.server.serve("/a", leads("https://other.test/b?c"))
    other.serve("/b?c", {"id": "https://other.test/b?c", "type": "Note"})

    await world.instance.fetcher.document("https://good.test/a")

    (first,), (second,) = world.carol.server.asked, other.asked
    ((pem,),) = await world.ask(
        "select public_pem from key where uri = :uri", uri=f"{world.here.base_url}/users/instance#main-key"
    )
    for asked, host, target in ((first, "good.test", "/a"), (second, "other.test", "/b?c")):
        check(asked, pem, host=host, target=target)
        assert "authorization" not in asked.headers
    assert second.headers["signature"] != first.headers["signature"]


def check(asked: Asked, pem: str, *, host: str, target: str) -> None:
    """The signature is about this very request. Put together by hand: our own checks might share our own mistake."""
    given = dict(re.findall(r'(\w+)="([^"]*)"', asked.headers["signature"]))
    values = {**asked.headers, "(request-target)": f"get {target}", "host": host}
    names = given["headers"].split()
    text = "\n".join(f"{name}: {values[name]}" for name in names)
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    assert {"(request-target)", "host", "date"} <= set(names)
    key.verify(base64.b64decode(given["signature"]), text.encode(), PKCS1v15(), SHA256())
