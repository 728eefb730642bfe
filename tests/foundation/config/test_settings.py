"""A wrong setting stops the start with its name, what is wrong, an example, and where it stands."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from fedishare.foundation.config.checks import CHECKS
from fedishare.foundation.config.loading import BadSetting, asked_language, example_of, load
from fedishare.foundation.config.settings import Settings


def test_the_environment_wins_over_the_file_and_both_are_remembered(tmp_path: Path) -> None:
    (tmp_path / "fedishare.toml").write_text('lang = "en"\nupdate_delay = 30\nlimits = false\n')

    configured = load(environ={"FEDISHARE_DATA": str(tmp_path), "FEDISHARE_LANG": "fr"})

    assert (configured.settings.lang, configured.settings.update_delay, configured.settings.limits) == ("fr", 30, False)
    assert configured.origins["lang"] == "environment"
    assert configured.origins["update_delay"] == f"{tmp_path}/fedishare.toml:2"
    assert "mode" not in configured.origins


def test_the_database_and_the_secret_follow_the_data_folder(tmp_path: Path) -> None:
    settings = load(environ={"FEDISHARE_DATA": str(tmp_path)}).settings

    assert settings.database_url == f"sqlite://{tmp_path}/fedishare.db"
    assert settings.database_file == tmp_path / "fedishare.db"
    assert settings.secret_file == tmp_path / "secret.key"


def test_a_value_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://fedishare:secret@db/fedishare\n")

    configured = load(environ={"FEDISHARE_DATABASE_URL_FILE": str(tmp_path / "url")})

    assert configured.settings.database_url == "postgresql://fedishare:secret@db/fedishare"
    assert not configured.settings.on_sqlite
    assert "secret" not in configured.origins["database_url"]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("BASE_URL", "partage.example.org", "not an address of a server"),
        ("BASE_URL", "https://example.org/partage", "only scheme, name and port"),
        ("BASE_URL", "https://user@example.org", "only scheme, name and port"),
        ("BASE_URL", "https://exa mple.org", "not an address of a server"),
        ("LISTEN", "8000", "not an address with a port"),
        ("LISTEN", "127.0.0.1:99999", "not an address with a port"),
        ("DATABASE_URL", "mysql://x", "not an address of a database"),
        ("ALLOW_NETWORKS", "127.0.0.1/8", "not a list of networks"),
        ("TIME_ZONE", "Europe/Lille", "not a known time zone"),
        ("TIME_ZONE", "../../etc/passwd", "not a known time zone"),
        ("WORKER", "perhaps", "neither on nor off"),
        ("UPDATE_DELAY", "-1", "not a number of seconds"),
        ("UPDATE_DELAY", "10m", "not a number of seconds"),
        ("MODE", "ajar", "not one of the words"),
        ("HOSTS_FILE", "/nowhere/hosts", "there is no such file"),
    ],
)
def test_a_wrong_value_is_named_with_an_example(name: str, value: str, problem: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load(environ={f"FEDISHARE_{name}": value})

    text = str(caught.value)
    assert text.startswith(f"FEDISHARE_{name}={value}: {problem}")
    assert f"Use {example_of(name.lower())}. (environment)" in text


def test_a_wrong_line_of_the_file_is_told_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "fedishare.toml").write_text('# ours\nlang = "fr"\nlisten = "8000"\n')

    with pytest.raises(BadSetting, match=r"fedishare\.toml:3"):
        load(environ={"FEDISHARE_DATA": str(tmp_path)})


@pytest.mark.parametrize("text", ["base_url = ", "\x00", 'base_url = "https://a.example"\nbase_url = "x"'])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_text(text)

    with pytest.raises(BadSetting, match=r"own\.toml: this file is not TOML"):
        load(tmp_path / "own.toml", environ={})


def test_a_misspelt_setting_is_refused_in_the_file_and_told_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "fedishare.toml").write_text('base_ulr = "https://a.example"\n')

    with pytest.raises(BadSetting, match="base_ulr: there is no such setting"):
        load(environ={"FEDISHARE_DATA": str(tmp_path)})
    assert load(environ={"FEDISHARE_BASE_ULR": "x"}).unknown == ("FEDISHARE_BASE_ULR",)


def test_an_address_has_one_spelling() -> None:
    spellings = ["https://Example.ORG", "https://example.org/", "https://example.org:443", "HTTPS://example.org"]

    assert {load(environ={"FEDISHARE_BASE_URL": each}).settings.base_url for each in spellings} == {
        "https://example.org"
    }


def test_networks_are_a_list() -> None:
    settings = load(environ={"FEDISHARE_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128"}).settings

    assert settings.allow_networks == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def test_every_setting_has_a_check_and_an_example_that_passes_it(tmp_path: Path) -> None:
    assert set(CHECKS) == set(Settings.__struct_fields__)
    for name, check in CHECKS.items():
        if name not in ("hosts_file", "ca_file"):
            check(example_of(name))


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8", "FEDISHARE_LANG": "fr"}, "en"),
        ({"LANG": "C.UTF-8", "FEDISHARE_LANG": "en"}, "en"),
        ({"LANG": "C"}, ""),
        ({}, ""),
    ],
)
def test_the_terminal_speaks_what_lang_asks_for(env: dict[str, str], language: str) -> None:
    assert asked_language(env) == language
