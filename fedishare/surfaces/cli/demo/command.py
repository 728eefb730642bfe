"""`fedishare demo`: two real instances on this machine that follow each other, ended together.

Each is a process of its own with its own data, started like any other; they speak over the loopback network, which the
setting FEDISHARE_ALLOW_NETWORKS permits. Invented associations, real places.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

import click

from fedishare.foundation.config.loading import environment_with, load
from fedishare.foundation.net.client import Net, NetSettings, open_net
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.errors import Misconfigured
from fedishare.surfaces.cli.demo import neighbours
from fedishare.surfaces.cli.demo.content import SITES, Site
from fedishare.surfaces.cli.demo.seeding import is_seeded, seed
from fedishare.surfaces.cli.listening import listen_on

READY_S = 30
STOP_S = 35


@click.command("demo", help=N_("Start two instances on this machine that follow each other, full of listings."))
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("var/demo"), show_default=True,
    help=N_("Where their data is kept; remove it to begin anew."),
)  # fmt: skip
@click.pass_obj
def demo(terminal: Terminal, folder: Path) -> None:
    terminal.run(_demo(terminal, folder.absolute()))


async def _demo(terminal: Terminal, folder: Path) -> None:
    configured = {site.key: load(environ=_environment(site, folder)).settings for site in SITES}
    for site in SITES:
        # Before anything is made: whoever answers at these addresses must be ours.
        for listener in listen_on(site.listen):
            listener.close()
    for site in SITES:
        if not await is_seeded(configured[site.key]):
            terminal.say(_("Publishing %(count)s listings for %(name)s…", count=site.count, name=site.name))
            await seed(site, configured[site.key])
    processes = {site.key: await _start(site, folder) for site in SITES}
    net = open_net(NetSettings(user_agent="Fedishare demo", allow_networks=configured[SITES[0].key].allow_networks))
    try:
        for site in SITES:
            await _ready(net, site, processes[site.key], folder)
        await neighbours.acquaint(SITES, configured)
        _explain(terminal)
        await _until_stopped(list(processes.values()))
        for site in SITES:
            if processes[site.key].returncode is not None:
                raise _ended(site, folder)
    finally:
        await net.close()
        await asyncio.gather(*(_end(process) for process in processes.values()))
    terminal.say(_("Both sites have ended. Their data is in %(folder)s.", folder=folder))


def _environment(site: Site, folder: Path) -> Mapping[str, str]:
    """Nothing of the caller's own Fedishare settings may slip in."""
    return {
        "FEDISHARE_DATA": str(folder / site.key),
        "FEDISHARE_BASE_URL": site.base_url,
        "FEDISHARE_LISTEN": site.listen,
        "FEDISHARE_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128",
        "FEDISHARE_UPDATE_DELAY": "5",
        "FEDISHARE_MIGRATE": "on",
    }


async def _start(site: Site, folder: Path) -> Process:
    with _log(site, folder).open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "fedishare", "serve"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment_with(_environment(site, folder)),
            start_new_session=True,
        )


def _log(site: Site, folder: Path) -> Path:
    return folder / f"{site.key}.log"


async def _ready(net: Net, site: Site, process: Process, folder: Path) -> None:
    """Raises Misconfigured when it does not come up."""
    for _attempt in range(READY_S * 10):
        if process.returncode is not None:
            break
        if await neighbours.answers(net, site):
            return
        await asyncio.sleep(0.1)
    raise _ended(site, folder)


def _ended(site: Site, folder: Path) -> Misconfigured:
    """With the server's own last words."""
    said = _log(site, folder).read_text(errors="replace").strip().splitlines()
    return Misconfigured(_("%(name)s does not run: %(why)s", name=site.name, why=said[-1] if said else ""))


def _explain(terminal: Terminal) -> None:
    terminal.say("")
    for site in SITES:
        terminal.say(f"  {site.name}")
        terminal.say(f"    {site.base_url}")
        terminal.say(_("    sign in as %(name)s, password: %(password)s", name=site.admin, password=site.password))
    terminal.say("")
    terminal.say(_("To try: sign in on the first, publish an offer, and find it on the second within seconds."))
    terminal.say(_("Answer it there as the other person; the answer waits on the first until its owner shows it."))
    terminal.say(_("Stop both with Ctrl-C."))


async def _until_stopped(processes: list[Process]) -> None:
    """Until somebody stops us, or one of the servers has ended by itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    waits = [asyncio.ensure_future(stop.wait()), *(asyncio.ensure_future(process.wait()) for process in processes)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
