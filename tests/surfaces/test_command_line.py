"""The command line: every answer in sentences, the right exit code, and what was opened is closed."""

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from fedishare.foundation.config.secret_file import begin_replacing
from fedishare.foundation.config.settings import Settings
from fedishare.surfaces.cli.locks import only_process
from fedishare.surfaces.cli.main import run

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Type a command in an instance of its own; its exit code, its output, its complaints."""
    monkeypatch.setenv("FEDISHARE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("FEDISHARE_LANG", "en")
    monkeypatch.setenv("FEDISHARE_LISTEN", "127.0.0.1:0")  # whichever is free: others may serve on this machine
    monkeypatch.delenv("LC_ALL", raising=False)

    def typed(*words: str, stdin: str = "", **settings: str) -> tuple[int, str, str]:
        with monkeypatch.context() as here:
            here.setattr("sys.stdin", io.StringIO(stdin))
            for name, value in settings.items():
                here.setenv(name, value)
            code = run(words)
        return code, *capfd.readouterr()

    return typed


def test_a_word_that_is_no_command_is_not_understood(type_in: Run) -> None:
    code, said, complained = type_in("fedi", "share")

    assert (code, said) == (2, "")
    assert "No such command 'fedi'" in complained


@pytest.mark.parametrize("words", [(), ("db",), ("config",)])
def test_a_noun_alone_shows_what_can_be_done_with_it(type_in: Run, words: tuple[str, ...]) -> None:
    code, said, complained = type_in(*words)

    assert code == 2
    assert "Usage:" in said + complained


def test_help_is_in_the_language_of_the_terminal(type_in: Run) -> None:
    _, french, _ = type_in("serve", "--help", LANG="fr_FR.UTF-8")
    _, english, _ = type_in("serve", "--help", LANG="en_GB.UTF-8")

    assert "Utilisation" in french
    assert "Répond aux personnes" in french
    assert "Answer people and servers" in english


def test_a_wrong_setting_is_refused_in_one_sentence(type_in: Run) -> None:
    code, said, complained = type_in("config", "show", FEDISHARE_LISTEN="80")

    assert (code, said) == (1, "")
    assert complained == (
        "FEDISHARE_LISTEN=80: not an address with a port, nor a socket (unix:/path). "
        "For example: 127.0.0.1:8000. (environment)\n"
    )


def test_passwords_in_settings_are_not_shown(type_in: Run) -> None:
    code, said, _ = type_in(
        "config", "show", "--origin", FEDISHARE_DATABASE_URL="postgresql://fedishare:hush@localhost/fedishare"
    )

    assert code == 0
    assert "postgresql://fedishare:…@localhost/fedishare" in said
    assert "hush" not in said


def test_a_misspelt_setting_is_told_beside_the_others(type_in: Run) -> None:
    code, said, complained = type_in("config", "show", FEDISHARE_BASE_ULR="https://a.example")

    assert code == 0
    assert "FEDISHARE_BASE_URL" in said
    assert complained == "FEDISHARE_BASE_ULR: there is no such setting; it is ignored.\n"


def test_the_database_tells_what_it_lacks_until_it_is_migrated(type_in: Run) -> None:
    before = type_in("db", "status", "--json")
    migrated = type_in("db", "migrate")
    after = type_in("db", "status", "--json")

    assert '"version": 0' in before[1]
    assert "0001_setting" in before[1]
    assert migrated[0] == 0
    assert '"pending": []' in after[1]
    assert type_in("db", "migrate")[1] == "The database is up to date.\n"


def test_an_instance_without_an_address_says_how_to_get_one(type_in: Run) -> None:
    code, _, complained = type_in("serve")

    assert code == 1
    assert "fedishare init --base-url" in complained


BEGIN = (
    *("init", "--base-url", "https://remise.example", "--name", "La Remise", "--admin", "nadia"),
    *("--email", "nadia@remise.example", "--password-stdin", "--no-input"),
)
PASSWORD = "une phrase assez longue pour cela\n"


def test_another_address_than_that_of_the_beginning_is_refused(type_in: Run) -> None:
    begun = type_in(*BEGIN, stdin=PASSWORD)

    moved = type_in("queue", "stats", FEDISHARE_BASE_URL="https://hangar.example")

    assert begun[0] == 0, begun[2]
    assert moved[0] == 1
    assert "FEDISHARE_BASE_URL=https://hangar.example: this instance was made with https://remise.example" in moved[2]
    assert type_in("queue", "stats", FEDISHARE_BASE_URL="https://remise.example/")[0] == 0


def test_the_doctor_finds_nothing_broken_in_an_instance_for_trying(type_in: Run) -> None:
    begin = [word.replace("https://remise.example", "http://localhost:8000") for word in BEGIN]
    type_in(*begin, stdin=PASSWORD)

    code, said, _ = type_in("doctor", "--json")

    found = {finding["what"]: finding["verdict"] for finding in map(msgspec.json.decode, said.splitlines())}
    assert (code, found["WebFinger"], found["base URL"]) == (0, "warning", "warning")


def test_the_doctor_looks_at_everything_and_names_what_is_wrong(type_in: Run) -> None:
    type_in(*BEGIN, stdin=PASSWORD)

    code, said, _ = type_in(
        "doctor", "--json", FEDISHARE_LIMITS="off", FEDISHARE_ALLOW_NETWORKS="127.0.0.0/8", FEDISHARE_BASE="x"
    )

    found = [msgspec.json.decode(line) for line in said.splitlines()]
    looked_at = {finding["what"]: finding["verdict"] for finding in found}
    assert code == 1, "nobody answers at remise.example"
    assert looked_at["WebFinger"] == "bad"
    assert looked_at["database"] == looked_at["keys"] == looked_at["disk"] == looked_at["base URL"] == "good"
    assert {"clock", "inbox", "deliveries", "heard"} <= set(looked_at)
    settings = " ".join(finding["text"] for finding in found if finding["what"] == "settings")
    assert all(name in settings for name in ("FEDISHARE_LIMITS", "FEDISHARE_ALLOW_NETWORKS", "FEDISHARE_BASE:"))


def test_the_doctor_sees_a_secret_that_is_not_the_right_one(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    (tmp_path / "data" / "secret.key").write_bytes(b"x" * 32)

    code, said, _ = type_in("doctor")

    assert code == 1
    assert "✗ Settings: FEDISHARE_SECRET_FILE: this is not the secret that the database was made with" in said


def keys_of(data: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(data / "fedishare.db")) as database:
        return dict(database.execute("select uri, private_sealed from key where private_sealed is not null"))


def test_another_master_secret_seals_every_key_anew(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    secret = tmp_path / "data" / "secret.key"
    former, before = secret.read_bytes(), keys_of(tmp_path / "data")

    code, said, _ = type_in("secrets", "rotate")

    after = keys_of(tmp_path / "data")
    assert code == 0
    assert f"{len(before)} keys have a new seal." in said
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert len(secret.read_bytes()) == 32
    assert secret.read_bytes() != former
    assert "✓ Keys: " in type_in("doctor")[1]
    secret.write_bytes(former)
    refused = type_in("proposal", "list")
    assert "✗" in type_in("doctor")[1]
    assert refused[0] == 0, "reading needs no secret"


def test_a_rotation_that_was_interrupted_goes_on(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    secret = tmp_path / "data" / "secret.key"
    new = begin_replacing(secret)
    assert len(secret.read_bytes()) == 64
    assert "✓ Keys: " in type_in("doctor")[1], "both are there"

    code, _, _ = type_in("secrets", "rotate")

    assert code == 0
    assert secret.read_bytes() == new
    assert "✓ Keys: " in type_in("doctor")[1]


def test_the_secret_is_not_replaced_under_a_running_server(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    secret = (tmp_path / "data" / "secret.key").read_bytes()

    with only_process(Settings(data=tmp_path / "data")):
        code, _, complained = type_in("secrets", "rotate")

    assert code == 1
    assert "Stop that one first" in complained
    assert (tmp_path / "data" / "secret.key").read_bytes() == secret


def test_the_secret_of_another_database_is_refused_and_left_alone(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    secret = tmp_path / "data" / "secret.key"
    secret.write_bytes(b"x" * 32)

    rotated, served = type_in("secrets", "rotate"), type_in("serve", FEDISHARE_LISTEN=f"unix:{tmp_path}/socket")

    assert rotated[0] == served[0] == 1
    assert "this is not the secret that the database was made with" in rotated[2]
    assert "this is not the secret that the database was made with" in served[2]
    assert secret.read_bytes() == b"x" * 32


def test_a_lost_secret_is_never_replaced_by_another(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)
    secret = tmp_path / "data" / "secret.key"
    kept = secret.rename(tmp_path / "elsewhere")

    lost = type_in("doctor")
    served = type_in("serve", FEDISHARE_LISTEN=f"unix:{tmp_path}/socket")

    assert lost[0] == served[0] == 1
    assert "the master secret cannot be read" in served[2]
    assert not secret.exists()
    kept.rename(secret)
    assert "✓ Keys" in type_in("doctor")[1]


def test_the_doctor_leaves_nothing_behind(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)

    type_in("doctor")

    with sqlite3.connect(tmp_path / "data" / "fedishare.db") as database:
        names = {name for (name,) in database.execute("select name from setting")}
    assert "base_url" in names
    assert "doctor" not in names


def test_a_second_process_on_one_sqlite_file_is_refused(type_in: Run, tmp_path: Path) -> None:
    type_in(*BEGIN, stdin=PASSWORD)

    with only_process(Settings(data=tmp_path / "data")):
        served, worked = type_in("serve"), type_in("worker")

    assert served[0] == worked[0] == 1
    assert "serves this data folder" in served[2]
    assert "PostgreSQL" in worked[2]


def test_commands_leave_no_connection_open(type_in: Run) -> None:
    """An open one would keep the process for ever; a second command shows that the first has let go."""
    first = type_in("doctor")
    second = type_in("doctor")

    assert first[0] == second[0] == 1
    assert "This instance has no address yet" in first[1]


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("proposal", "list"), ("db", "migrate")])
def test_a_data_folder_that_cannot_be_made_is_told_in_a_sentence(
    type_in: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "letters.txt"
    file.write_text("dear town hall")

    code, said, complained = type_in(*words, FEDISHARE_DATA=str(file), LANG="fr_FR.UTF-8")

    assert (code, said) == (1, "")
    assert complained.startswith(f"FEDISHARE_DATA={file}\N{NO-BREAK SPACE}: rien ne peut être gardé")
    assert complained.count("\n") == 1


@pytest.mark.parametrize(
    ("stdin", "option"), [("", "--base-url"), ("https://share.example\nLa Remise\nnadia\nn@x.example\n", "--password")]
)
def test_questions_that_nobody_can_answer_end_with_the_option_to_use(type_in: Run, stdin: str, option: str) -> None:
    code, _, complained = type_in("init", stdin=stdin)

    assert code == 1
    assert f"Nobody is here to be asked: say it with {option}" in complained


def test_a_word_that_is_no_address_is_not_blamed_on_another_server(type_in: Run) -> None:
    assert type_in(*BEGIN, stdin=PASSWORD)[0] == 0

    code, _, complained = type_in("follow", "add", "mastodon")

    assert code == 1
    assert complained.startswith("mastodon is no address in the fediverse.")


def test_what_is_wrong_with_a_listing_is_named_and_the_listing_unknown_too(type_in: Run) -> None:
    assert type_in(*BEGIN, stdin=PASSWORD)[0] == 0

    refused = type_in("proposal", "add", "--as", "association", "--offer", "--action", "use")
    unknown = type_in("proposal", "show", "12")

    assert refused[0] == unknown[0] == 1
    assert "Correct this, and type the command again" in refused[2]
    assert "  title: " in refused[2]
    assert unknown[2].startswith("There is no such listing.")


def test_a_database_out_of_reach_is_told_in_the_language_of_the_terminal(type_in: Run) -> None:
    code, _, complained = type_in(
        "serve", FEDISHARE_DATABASE_URL="postgresql://127.0.0.1:1/nothing", LANG="fr_FR.UTF-8"
    )

    assert code == 1
    assert "PostgreSQL ne nous laisse pas entrer" in complained


def test_what_another_server_did_is_told_in_the_language_of_the_terminal(type_in: Run) -> None:
    assert type_in(*BEGIN, stdin=PASSWORD)[0] == 0

    code, _, complained = type_in("follow", "add", "@nadia@localhost", LANG="fr_FR.UTF-8")

    assert code == 1
    assert "que nous n’appelons pas" in complained
    assert "we do not call" not in complained


def test_the_doctor_speaks_of_settings_in_the_language_of_the_terminal(type_in: Run, tmp_path: Path) -> None:
    assert type_in(*BEGIN, stdin=PASSWORD)[0] == 0
    (tmp_path / "data" / "secret.key").write_bytes(b"short")

    code, said, _ = type_in("doctor", LANG="fr_FR.UTF-8")

    assert code == 1
    assert "secret.key\N{NO-BREAK SPACE}: ce n’est pas un secret" in said
