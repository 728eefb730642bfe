"""How others find us: WebFinger in every form it is asked in, host-meta, NodeInfo (INTEROP A.1 to A.3)."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from fedishare import __version__
from fedishare.federation.actors import store
from fedishare.foundation.db.database import Database
from tests.federation.belonging import belongs_to
from tests.federation.doors import knock
from tests.house import House, house

WEBFINGER = "/.well-known/webfinger"


@pytest.fixture
async def remise(database: Database) -> AsyncIterator[House]:
    async with house(database) as made:
        await belongs_to(made, "remise")
        yield made


@pytest.mark.parametrize(
    "resource",
    [
        "acct:remise@share.example",
        "acct%3Aremise%40share.example",
        "acct:@remise@share.example",
        "remise@share.example",
        "@remise@share.example",
        "acct:REMISE@SHARE.EXAMPLE",
        "ACCT:remise@share.example",
        "https://share.example/@remise",
        "https://share.example/users/remise",
        "https://SHARE.example:443/users/Remise",
    ],
)
async def test_the_association_is_found_in_every_form(remise: House, resource: str):
    """A159: the subject is always the same."""
    answer = await knock(remise, f"{WEBFINGER}?resource={resource}")

    assert answer.status_code == 200
    assert answer.json()["subject"] == "acct:remise@share.example"
    assert [link["href"] for link in answer.json()["links"] if link["rel"] == "self"] == [
        "https://share.example/users/remise"
    ]


@pytest.mark.parametrize(
    "resource",
    [
        "https://share.example",
        "https://share.example/",
        "https://share.example/actor",
        "https://share.example/users/instance",
        "acct:share.example@share.example",
    ],
)
async def test_the_site_itself_is_its_instance_actor(remise: House, resource: str):
    """FEP-d556."""
    answer = await knock(remise, f"{WEBFINGER}?resource={resource}")

    assert answer.json()["subject"] == "acct:share.example@share.example"
    assert answer.json()["links"][-1]["href"] == "https://share.example/users/instance"


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ("acct:nobody@share.example", 404),
        ("acct:instance@share.example", 404),
        ("acct:remise@other.test", 404),
        ("https://other.test/users/remise", 404),
        ("https://share.example.evil.test/users/remise", 404),
        ("https://share.example/users/remise/followers", 404),
        ("acct:remise@share.example%0d%0aX: y", 404),
        ("../../etc/passwd", 400),
        ("acct:", 400),
        ("acct:remise", 400),
        ("@share.example", 400),
        ("", 400),
        ("a" * 5_000, 400),
        ("acct:remise@share.example&resource=acct:amel@share.example", 400),
    ],
)
async def test_what_names_nobody_here_is_refused(remise: House, resource: str, status: int):
    """A157, A158."""
    answer = await knock(remise, f"{WEBFINGER}?resource={resource}")

    assert (answer.status_code, answer.content) == (status, b"")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_without_a_resource_nothing_was_asked(remise: House):
    assert (await knock(remise, WEBFINGER)).status_code == 400


async def test_who_was_deleted_is_gone(remise: House):
    """A160: Mastodon takes it as "account gone"."""
    amel = await remise.lives("amel")
    await remise.db.write(store.erase, amel.id, now=remise.clock.now())

    answer = await knock(remise, f"{WEBFINGER}?resource=acct:amel@share.example")

    assert (answer.status_code, answer.content) == (410, b"")


async def test_the_answer_is_open_to_every_program(remise: House):
    answer = await knock(remise, f"{WEBFINGER}?resource=acct:remise@share.example", accept="*/*")

    assert answer.headers["content-type"] == "application/jrd+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=259200"


async def test_no_other_link_looks_like_an_actor(remise: House):
    """Lemmy takes any link whose type begins with `application/`."""
    links = (await knock(remise, f"{WEBFINGER}?resource=acct:remise@share.example")).json()["links"]

    assert [link["rel"] for link in links if link["type"].startswith("application/")] == ["self"]
    assert [link["type"] for link in links if link["rel"] == "self"] == ["application/activity+json"]


async def test_handles_may_have_another_domain_than_the_server(database: Database):
    """INTEROP A.1, "Split-domain": both domains answer, with one subject."""
    async with house(database) as made:
        made.here = replace(made.here, handle_domain="remise.org")
        amel = await made.lives("amel")
        subjects = {
            (await knock(made, f"{WEBFINGER}?resource=acct:amel@{domain}")).json()["subject"]
            for domain in ("remise.org", "share.example")
        }

    assert subjects == {"acct:amel@remise.org"}
    assert amel.uri == "https://share.example/users/amel"


@pytest.mark.parametrize("accept", ["*/*", "text/html,*/*;q=0.8", "application/xrd+xml, application/json;q=0.1"])
async def test_host_meta_is_xml_unless_json_is_named(remise: House, accept: str):
    answer = await knock(remise, "/.well-known/host-meta", accept=accept)
    link = ElementTree.fromstring(answer.content)[0]

    assert answer.headers["content-type"] == "application/xrd+xml; charset=utf-8"
    assert link.attrib == {
        "rel": "lrdd",
        "template": "https://share.example/.well-known/webfinger?resource={uri}",
    }


@pytest.mark.parametrize(
    ("path", "accept"), [("/.well-known/host-meta", "application/json"), ("/.well-known/host-meta.json", "*/*")]
)
async def test_host_meta_is_json_where_it_is_named(remise: House, path: str, accept: str):
    answer = await knock(remise, path, accept=accept)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["links"][0]["template"].endswith("/.well-known/webfinger?resource={uri}")


async def test_nodeinfo_names_both_versions_and_the_instance_actor(remise: House):
    links = (await knock(remise, "/.well-known/nodeinfo", accept="*/*")).json()["links"]

    assert [link["rel"].rpartition("/")[2] for link in links] == ["2.0", "2.1", "activitystreams#Application"]
    assert links[-1]["href"] == "https://share.example/users/instance"


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_nodeinfo_says_what_crawlers_want(remise: House, version: str):
    await remise.lives("amel")

    answer = await knock(remise, f"/nodeinfo/{version}", accept="*/*")
    found = answer.json()

    profile = f"http://nodeinfo.diaspora.software/ns/schema/{version}#"
    assert answer.headers["content-type"] == f'application/json; profile="{profile}"'
    assert (found["version"], found["software"]) == (version, {"name": "fedishare", "version": __version__})
    assert found["protocols"] == ["activitypub"]
    assert found["usage"] == {"users": {"total": 2}, "localPosts": 0}
    assert found["metadata"]["association"] == "https://share.example/users/remise"
    assert found["metadata"]["nodeName"] == "Remise"


async def test_there_is_no_other_nodeinfo(remise: House):
    assert (await knock(remise, "/nodeinfo/1.0", accept="*/*")).status_code == 404
