"""What may stand in each setting: text in, value out, ValueError with a sentence otherwise.

The sentences are msgids; who shows them translates them. Nothing here reads files or the environment.
"""

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fedishare.foundation.config.settings import Network
from fedishare.foundation.values.errors import N_

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_YES = {"on", "yes", "true", "1"}
_NO = {"off", "no", "false", "0"}


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def existing_file(text: str) -> Path:
    path = folder(text)
    if not path.is_file():
        raise ValueError(N_("there is no such file."))
    return path


def database(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    if text.startswith(("postgresql://", "postgres://")):
        return "postgresql://" + text.split("://", 1)[1]
    raise ValueError(N_("not an address of a database (sqlite:///… or postgresql://…)."))


def base_url(text: str) -> str:
    """Lower-case, without a slash at the end: one spelling, since ids are made of it."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(N_("not an address of a server.")) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(N_("not an address of a server."))
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(N_("only scheme, name and port may stand in it; Fedishare wants a name of its own."))
    if not (_HOST_NAME.fullmatch(parts.hostname) or ":" in parts.hostname):
        raise ValueError(N_("not an address of a server."))
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def host_name(text: str) -> str:
    name, _, port = text.lower().partition(":")
    if not _HOST_NAME.fullmatch(name) or (port and not port.isdecimal()):
        raise ValueError(N_("not the name of a domain."))
    return text.lower()


def listen(text: str) -> str:
    if text.startswith("unix:/") and len(text) > len("unix:/"):
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError(N_("not an address with a port, nor a socket (unix:/path)."))
    return text


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError(N_("not a list of networks.")) from None


def time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(N_("not a known time zone.")) from None
    return text


def switch(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(N_("neither on nor off."))


def seconds(text: str) -> int:
    if not text.isdecimal() or int(text) > 86_400:
        raise ValueError(N_("not a number of seconds up to a day."))
    return int(text)


def one_of(*words: str) -> Callable[[str], str]:
    def chosen(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(N_("not one of the words that may stand here."))
        return text.lower()

    return chosen


CHECKS: dict[str, Callable[[str], Any]] = {
    "data": folder,
    "database_url": database,
    "base_url": base_url,
    "handle_domain": host_name,
    "listen": listen,
    "trusted_proxies": networks,
    "allow_networks": networks,
    "hosts_file": existing_file,
    "ca_file": existing_file,
    "secret_file": folder,
    "lang": one_of("fr", "en"),
    "time_zone": time_zone,
    "mode": one_of("open", "partners", "closed"),
    "authorized_fetch": switch,
    "worker": switch,
    "limits": switch,
    "hsts": switch,
    "migrate": switch,
    "update_delay": seconds,
    "log_level": one_of("debug", "info", "warning", "error"),
}
