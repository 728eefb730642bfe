"""Reads the settings: the TOML file, then the environment over it, and remembers where each value came from.

The file is `--config`, else `fedishare.toml` in the data folder; it may be missing. A value may stand in a file of
its own: `FEDISHARE_DATABASE_URL_FILE=/run/secrets/url`. A wrong value raises BadSetting, which names it.
Nobody else reads the environment.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

from msgspec import Meta, Struct

from fedishare.foundation.config.checks import CHECKS
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.values.crashing import POINTS
from fedishare.foundation.values.errors import N_, Misconfigured
from fedishare.foundation.values.system import told

PREFIX = "FEDISHARE_"
FILE_NAME = "fedishare.toml"
CRASH_AT = PREFIX + "CRASH_AT"
"""For tests alone: no setting, and in no documentation of them."""
ENVIRONMENT = N_("environment")
"""The origin of what stands in no file; a msgid."""


class BadSetting(Misconfigured):
    """`problem` is a msgid; `shown` is the setting as it was written, `example` one that would do, `source` where it
    was read or what the system says of it."""

    def __init__(self, shown: str, problem: str, *, example: str, source: str) -> None:
        super().__init__(f"{shown}: {problem} Use {example}. ({source})")
        self.shown = shown
        self.problem = problem
        self.example = example
        self.source = source


class Configured(Struct, frozen=True, kw_only=True):
    """`origins`: where each chosen setting stands; what is not in it has its default. `unknown`: names in the
    environment that look like ours and are not; told, since they are usually misspelt."""

    settings: Settings
    origins: Mapping[str, str]
    unknown: tuple[str, ...]


class _Chosen(Struct, frozen=True):
    text: str
    shown: str
    source: str


def load(config: Path | None = None, environ: Mapping[str, str] | None = None) -> Configured:
    """Raises BadSetting, or Misconfigured for a file that cannot be read."""
    env = os.environ if environ is None else environ
    from_env = _from_environment(env)
    data = _value("data", from_env["data"]) if "data" in from_env else Settings().data
    path = config or data / FILE_NAME
    chosen = {**(_from_file(path) if config or path.exists() else {}), **from_env}
    values = {name: _value(name, choice) for name, choice in chosen.items()}
    known = {CRASH_AT, *(PREFIX + name.upper() + tail for name in CHECKS for tail in ("", "_FILE"))}
    return Configured(
        settings=Settings(**values),
        origins={name: choice.source for name, choice in chosen.items()},
        unknown=tuple(sorted(name for name in env if name.startswith(PREFIX) and name not in known)),
    )


def crash_at(environ: Mapping[str, str] | None = None) -> tuple[str, int] | None:
    """The point at which this process is to die, and at which time it comes there. Raises Misconfigured."""
    env = os.environ if environ is None else environ
    if not (said := env.get(CRASH_AT)):
        return None
    point, _, times = said.partition(":")
    if point not in POINTS or not times.isdecimal() or not int(times):
        raise Misconfigured(f"{CRASH_AT}={said}: not one of {', '.join(POINTS)}, with a number such as :1 behind it.")
    return point, int(times)


def asked_language(environ: Mapping[str, str] | None = None) -> str:
    """For the terminal: what LANG asks for when it names a language, else what FEDISHARE_LANG says, else nothing."""
    env = os.environ if environ is None else environ
    system = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    language = system.partition(".")[0].partition("_")[0].lower()
    return env.get(f"{PREFIX}LANG", "").lower() if language in ("", "c", "posix") else language


def tell_libraries_language(language: str) -> None:
    """For libraries that ask gettext themselves: it looks for the language in the environment."""
    os.environ["LANGUAGE"] = language


def environment_with(ours: Mapping[str, str]) -> dict[str, str]:
    """For a process of our own: the system's environment, with these settings and none of the caller's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | dict(ours)


def example_of(name: str) -> str:
    """What the documentation shows for a setting."""
    return str((_meta(name).examples or [""])[0])


def description_of(name: str) -> str:
    """A msgid."""
    return _meta(name).description or ""


def _meta(name: str) -> Meta:
    annotated = get_type_hints(Settings, include_extras=True)[name]
    return next(part for part in annotated.__metadata__ if isinstance(part, Meta))


def _from_environment(env: Mapping[str, str]) -> dict[str, _Chosen]:
    chosen: dict[str, _Chosen] = {}
    for name in CHECKS:
        variable = PREFIX + name.upper()
        if env.get(variable):
            chosen[name] = _Chosen(env[variable], f"{variable}={env[variable]}", ENVIRONMENT)
        elif f"{variable}_FILE" in env and f"{name}_file" not in CHECKS:
            chosen[name] = _kept_apart(name, f"{variable}_FILE", env[f"{variable}_FILE"], ENVIRONMENT)
    return chosen


def _from_file(path: Path) -> dict[str, _Chosen]:
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise BadSetting(str(path), N_("this file cannot be read."), example=FILE_NAME, source=told(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(
            str(path), N_("this file is not TOML."), example='base_url = "https://…"', source=str(error)
        ) from None
    chosen: dict[str, _Chosen] = {}
    for key, value in table.items():
        source = f"{path}:{_line_of(key, text)}"
        name = key.removesuffix("_file") if key not in CHECKS else key
        if name not in CHECKS:
            raise BadSetting(key, N_("there is no such setting."), example="fedishare config show", source=source)
        if name == key:
            chosen[name] = _Chosen(_as_text(value), f"{key} = {_as_text(value)}", source)
        else:
            chosen[name] = _kept_apart(name, key, _as_text(value), source)
    return chosen


def _kept_apart(name: str, variable: str, where: str, source: str) -> _Chosen:
    """The value is the content of a file; it is never shown, since secrets come this way."""
    try:
        text = Path(where).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting(
            f"{variable}={where}", N_("this file cannot be read."), example=f"/run/secrets/{name}", source=source
        ) from None
    return _Chosen(text, f"{variable}={where}", f"{source}, {where}")


def _value(name: str, choice: _Chosen) -> Any:
    try:
        return CHECKS[name](choice.text)
    except ValueError as error:
        raise BadSetting(choice.shown, str(error), example=example_of(name), source=choice.source) from None


def _as_text(value: Any) -> str:
    """TOML's own types as the environment would spell them, so that there is one way to check each setting."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(_as_text(part) for part in value)
    return str(value)


def _line_of(key: str, text: str) -> int:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.split("=")[0].strip().strip("\"'") == key), 1)
