"""Names under .test with real certificates: a throw-away authority, and Debian's Caddy in front of plain servers.

Each name gets a loopback address of its own, so that the usual port 443 is free there and addresses look as they do
on the network; where that port needs more rights than we have, a high one is used and stands in the address.
The names are in no DNS: `hosts_file` has them (hosts(5)), and so has every program that the tests start.
"""

import os
import random
import shutil
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import trustme

from tests.processes import Program, free_port

HTTPS = 443


class Names:
    """Some names, their addresses and certificates. `urls[name]` is the base URL, without a slash at its end."""

    def __init__(self, folder: Path, *names: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.addresses = _loopback_addresses(names)
        self.ports = {name: _https_port(address) for name, address in self.addresses.items()}
        self.hosts = {name: name if port == HTTPS else f"{name}:{port}" for name, port in self.ports.items()}
        self.urls = {name: f"https://{host}" for name, host in self.hosts.items()}
        self.ca_file = folder / "ca.pem"
        self.hosts_file = folder / "hosts"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        for name in names:
            authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
        self.hosts_file.write_text("".join(f"{address} {name}\n" for name, address in self.addresses.items()))

    def proxy(self, behind: Mapping[str, str]) -> Program:
        """Start Caddy before `behind[name]` ("127.0.0.1:8000"). The caller stops it."""
        caddy = shutil.which("caddy")
        if caddy is None:
            raise AssertionError("Caddy is missing: apt-get install caddy")
        config = self.folder / "Caddyfile"
        config.write_text(_GLOBAL + "".join(self._site(name, upstream) for name, upstream in behind.items()))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
        }
        command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
        program = Program(command, log=self.folder / "caddy.log", env=env)
        try:
            for name in behind:
                program.until(partial(self._answers, name), seconds=20, what=f"TLS on {self.urls[name]}")
        except BaseException:
            program.kill()
            raise
        return program

    def _site(self, name: str, upstream: str) -> str:
        pem = self.folder / f"{name}.pem"
        return (
            f"{self.urls[name]} {{\n  bind {self.addresses[name]}\n  tls {pem} {pem}\n  reverse_proxy {upstream}\n}}\n"
        )

    def _answers(self, name: str) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.addresses[name], self.ports[name])) == 0


# No HTTP/3 and no redirects: nothing but what the test asks for listens.
_GLOBAL = "{\n  admin off\n  auto_https off\n  servers {\n    protocols h1 h2\n  }\n}\n"


def _loopback_addresses(names: tuple[str, ...]) -> dict[str, str]:
    """One address each in 127.0.0.0/8, away from 127.0.x.x, which other programs of the tests use."""
    first = random.SystemRandom().randrange(2, 250)
    second = random.SystemRandom().randrange(256)
    return {name: f"127.{first}.{second}.{number + 1}" for number, name in enumerate(names)}


def _https_port(address: str) -> int:
    with socket.socket() as probe:
        try:
            probe.bind((address, HTTPS))
        except PermissionError:
            return free_port(address)
    return HTTPS
