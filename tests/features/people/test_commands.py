"""`init` and `user` from a terminal: the contract that scripts rely on, and one clear sentence for each refusal."""

from pathlib import Path

import pytest

from tests.servers import PASSWORD, Server

pytestmark = pytest.mark.real

INIT = ("init", "--name", "La Remise", "--handle", "laremise", "--admin", "nadia", "--email", "nadia@example.org")
QUIET = ("--password-stdin", "--no-input")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "remise", base_url="https://remise.test", settings={"FEDISHARE_LANG": "en"})


def begun(server: Server) -> Server:
    server.cli(*INIT, "--base-url", "https://remise.test", *QUIET, typed=PASSWORD + "\n")
    return server


def test_init_says_what_it_made_and_who_can_sign_in(server: Server) -> None:
    said = server.cli(*INIT, "--base-url", "https://remise.test", *QUIET, typed=PASSWORD + "\n")

    assert "La Remise is ready at https://remise.test" in said
    assert "@laremise@remise.test" in said
    assert server.rows("user", "list") == [
        {"name": "nadia", "display_name": "nadia", "email": "nadia@example.org", "role": "admin"}
    ]


def test_an_association_may_be_a_person_with_another_handle_domain(server: Server) -> None:
    server.settings.pop("FEDISHARE_BASE_URL")

    said = server.cli(
        *INIT, "--base-url", "https://remise.test/", "--type", "person", "--handle-domain", "example.org", *QUIET,
        typed=PASSWORD + "\n",
    )  # fmt: skip

    assert "@laremise@example.org" in said


@pytest.mark.parametrize(("missing", "option"), [("--name", "--name"), ("--admin", "--admin"), ("--email", "--email")])
def test_without_somebody_to_ask_what_is_missing_is_named(server: Server, missing: str, option: str) -> None:
    place = INIT.index(missing)
    arguments = INIT[:place] + INIT[place + 2 :]

    done = server.ran(*arguments, "--base-url", "https://remise.test", *QUIET, typed=PASSWORD + "\n")

    assert done.returncode == 1
    assert f"{option} is missing." in done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"--base-url": "remise"}, "--base-url remise: not an address of a server."),
        ({"--email": "nowhere"}, "This is not an e-mail address."),
        ({"--admin": "Not A Name"}, "not a reserved word"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_begun(server: Server, changed: dict[str, str], sentence: str) -> None:
    given = dict(zip(INIT[1::2], INIT[2::2], strict=True)) | {"--base-url": "https://remise.test"} | changed
    arguments = [part for pair in given.items() for part in pair]

    done = server.ran("init", *arguments, *QUIET, typed=PASSWORD + "\n")

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    begun(server)


def test_a_second_init_is_refused(server: Server) -> None:
    begun(server)

    done = server.ran(*INIT, "--base-url", "https://remise.test", *QUIET, typed=PASSWORD + "\n")

    assert done.returncode == 1
    assert "already set up" in done.stderr


def test_accounts_are_made_changed_and_listed(server: Server) -> None:
    begun(server)

    server.cli("user", "create", "amel", "--email", "amel@example.org", *QUIET, typed=PASSWORD + "\n")
    server.cli("user", "role", "amel", "admin")
    server.cli("user", "passwd", "amel", "--password-stdin", typed="une autre phrase assez longue\n")
    too_short = server.ran("user", "passwd", "amel", "--password-stdin", typed="court\n")
    nobody = server.ran("user", "role", "marius", "admin")

    assert [(row["name"], row["role"]) for row in server.rows("user", "list")] == [
        ("nadia", "admin"),
        ("amel", "admin"),
    ]
    assert (too_short.returncode, nobody.returncode) == (1, 1)
    assert "12 characters" in too_short.stderr
    assert "Nobody here has this name" in nobody.stderr
