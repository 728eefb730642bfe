"""Everything an administrator may choose, one field each.

The description and the example of a field are its documentation (`docs/settings.md`), the text of `config show`, and
the end of the sentence when a value is refused. Names in the environment: `FEDISHARE_` and the field in capitals.
Reading them from files and environment: `loading.py`. What may stand in each: `checks.py`.
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from fedishare.foundation.values.errors import N_

Network = IPv4Network | IPv6Network


def _about(description: str, example: str) -> Meta:
    return Meta(description=description, examples=[example])


class Settings(Struct, frozen=True, kw_only=True):
    """What was chosen. Empty texts mean "not chosen"; `database_url` and `secret_file` then follow `data`."""

    data: Annotated[Path, _about(N_("Folder of everything that must be kept."), "/var/lib/fedishare")] = Path("var")
    database_url: Annotated[
        str, _about(N_("Where the database is; a file inside the data folder when not set."), "postgresql:///fedishare")
    ] = ""
    base_url: Annotated[
        str,
        _about(N_("Address of this server for everybody. It never changes once used."), "https://partage.example.org"),
    ] = ""
    handle_domain: Annotated[
        str, _about(N_("What stands after the at-sign of handles, when it is not the server's name."), "example.org")
    ] = ""
    listen: Annotated[
        str, _about(N_("Where the server waits for requests: address and port, or a socket."), "127.0.0.1:8000")
    ] = "127.0.0.1:8000"
    trusted_proxies: Annotated[
        tuple[Network, ...],
        _about(N_("Proxies whose X-Forwarded-For is believed."), "127.0.0.1/32, ::1/128"),
    ] = ()
    allow_networks: Annotated[
        tuple[Network, ...],
        _about(N_("Private networks this server may call, for trying things out on one machine."), "127.0.0.0/8"),
    ] = ()
    hosts_file: Annotated[
        Path | None, _about(N_("A hosts(5) file read before DNS, for trying things out."), "/etc/fedishare/hosts")
    ] = None
    ca_file: Annotated[
        Path | None, _about(N_("Certificates trusted besides the usual ones (PEM)."), "/etc/fedishare/ca.pem")
    ] = None
    secret_file: Annotated[
        Path, _about(N_("The master secret; only its owner may read it."), "/etc/fedishare/secret.key")
    ] = Path()
    lang: Annotated[
        Literal["fr", "en"], _about(N_("Language of pages and messages for those who have not chosen."), "fr")
    ] = "fr"
    time_zone: Annotated[str, _about(N_("Time zone of pages for those who have not chosen."), "Europe/Paris")] = (
        "Europe/Paris"
    )
    mode: Annotated[
        Literal["open", "partners", "closed"],
        _about(
            N_("Who is spoken with: everybody (“open”), “partners” and allowed servers, or nobody (“closed”)."), "open"
        ),
    ] = "open"
    authorized_fetch: Annotated[
        bool, _about(N_("Whether other servers must sign to read what is public here."), "off")
    ] = False
    worker: Annotated[
        bool, _about(N_("Whether the server also does the waiting work: what came in, what must go out."), "on")
    ] = True
    limits: Annotated[bool, _about(N_("Whether people and servers are slowed down when they ask too much."), "on")] = (
        True
    )
    hsts: Annotated[
        bool,
        _about(
            N_("Whether browsers are told to use https alone, for this name and all below it."),
            "off",
        ),
    ] = True
    migrate: Annotated[
        bool, _about(N_("Whether the server may bring its database up to date at its start."), "off")
    ] = False
    update_delay: Annotated[
        int, _about(N_("Seconds during which changes of a listing are gathered before others are told."), "600")
    ] = 600
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _about(N_("The least serious events to be written."), "info")
    ] = "info"

    def __post_init__(self) -> None:
        force_setattr(self, "data", self.data.absolute())
        if not self.database_url:
            force_setattr(self, "database_url", f"sqlite://{self.data / 'fedishare.db'}")
        if self.secret_file == Path():
            force_setattr(self, "secret_file", self.data / "secret.key")

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def kept_in(self) -> Path:
        """The folder whose disk must not fill up."""
        return self.database_file.parent if self.on_sqlite else self.data

    @property
    def database_file(self) -> Path:
        """Where the SQLite file is; only asked when `on_sqlite`."""
        return Path(self.database_url.removeprefix("sqlite://"))
