"""A partner that is not there is waited for; one that makes no sense is said so, and not kept."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.journeys.refusals import add, refusal
from tests.processes import eventually, free_port
from tests.servers import Server

pytestmark = pytest.mark.real


@pytest.fixture
def town(tmp_path: Path) -> Server:
    return Server(tmp_path / "town").init("La Remise")


def test_a_dead_partner_is_said_when_followed(town: Server) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/users/association"

    said = refusal(town, "follow", "add", nobody, "--as", "association")

    assert "127.0.0.1" in said


def test_what_is_for_a_dead_partner_waits_for_it(town: Server, tmp_path: Path) -> None:
    partner = Server(tmp_path / "partner").init("Le Hangar")
    with town:
        with partner:
            partner.cli("follow", "add", f"{town.base_url}/users/association", "--as", "association")
            eventually(
                lambda: [row["state"] for row in partner.rows("follow", "list")] == ["accepted"],
                seconds=20, what="accepted", every=0.3,
            )  # fmt: skip
        (made,) = map(json.loads, town.cli(*add(town, "Échelle", tmp_path)).splitlines())
        eventually(
            lambda: [row for row in town.rows("queue", "list") if row["attempts"] >= 1],
            seconds=20, what="a first attempt that failed", every=0.3,
        )  # fmt: skip
        assert town.rows("queue", "stats")[0]["deliveries_waiting"] == 1
        assert partner.listen in town.cli("queue", "list"), "who is waited for is named"

        with partner:
            town.cli("queue", "retry", "--all")
            eventually(
                lambda: made["id"] in {row["id"] for row in partner.rows("proposal", "list", "--origin", "all")},
                seconds=20, what="the offer, once the partner is back", every=0.3,
            )  # fmt: skip
        eventually(lambda: not town.rows("queue", "stats")[0]["deliveries_waiting"], seconds=10, what="nothing waits")


MALFORMED = {
    "not JSON": b"<html>welcome</html>",
    "no object": b"[1, 2]",
    "no inbox": b'{"@context":"https://www.w3.org/ns/activitystreams","id":"SELF","type":"Person","preferredUsername":"x"}',
    "somebody else's id": b'{"@context":"https://www.w3.org/ns/activitystreams","id":"https://example.org/users/x",'
    b'"type":"Person","preferredUsername":"x","inbox":"https://example.org/users/x/inbox"}',
    "cut": b'{"@context":"https://www.w3.org/ns/activitystreams","id":',
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_actor_is_said_and_not_kept(town: Server, kind: str) -> None:
    with serving(MALFORMED[kind]) as address:
        said = refusal(town, "follow", "add", address, "--as", "association")

    assert address in said
    assert "Rien n’est gardé" in said, "asking again would not help"
    assert town.cli("follow", "list", "--json") == ""


def test_an_activity_of_a_malformed_actor_is_refused_and_the_inbox_lives(town: Server) -> None:
    with town, serving(MALFORMED["no inbox"]) as address:
        body = json.dumps({"id": f"{address}#1", "type": "Like", "actor": address, "object": f"{town.base_url}/x"})
        signed = {
            "Content-Type": "application/activity+json",
            "Digest": "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "Signature": f'keyId="{address}#main-key",algorithm="rsa-sha256",'
            'headers="(request-target) host date digest",signature="AAAA"',
        }
        answer = httpx.post(f"{town.base_url}/inbox", content=body, headers=signed, trust_env=False)

        assert answer.status_code == 401
        assert town.is_ready()
    assert town.cli("inbox", "list", "--json") == ""


@contextmanager
def serving(body: bytes) -> Iterator[str]:
    """Somebody's server, which has one document for every address. Gives the address of its actor."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            own = body.replace(b"SELF", f"http://127.0.0.1:{server.server_port}/users/x".encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/activity+json")
            self.send_header("Content-Length", str(len(own)))
            self.end_headers()
            self.wfile.write(own)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/users/x"
    finally:
        server.shutdown()
        server.server_close()
