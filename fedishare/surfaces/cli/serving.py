"""`fedishare serve` and `fedishare worker`: the processes that stay.

One process answers and works; on PostgreSQL, further workers and servers may stand beside it. Told to stop, it takes
nothing new, finishes the requests under way within ten seconds, then the work it has begun (SECURITY 3.3, "Shutdown").
"""

import asyncio
import gc
import signal
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
import structlog
import uvicorn

from fedishare import app
from fedishare.features.people import first_run
from fedishare.foundation.config.logs import set_up_logs
from fedishare.foundation.config.settings import Settings
from fedishare.foundation.db.migrations import Say
from fedishare.foundation.terminal import Terminal
from fedishare.foundation.text.translate import N_, _
from fedishare.foundation.values.chance import new_token
from fedishare.foundation.values.crashing import reached
from fedishare.foundation.web.front import IDLE_S, ROUND_S, Front, look_round
from fedishare.foundation.web.sessions import token_hash
from fedishare.surfaces.cli.listening import listen_on, most_connections
from fedishare.surfaces.cli.locks import only_process

FINISH_S = 10
TICKS_A_ROUND = round(ROUND_S * 10)
"""uvicorn ticks ten times a second."""

log = structlog.get_logger()


@click.command("serve", help=N_("Answer people and servers, and do the waiting work."))
@click.option("--migrate", is_flag=True, help=N_("Bring the database up to date first."))
@click.option("--for-trying", is_flag=True, hidden=True)
@click.pass_obj
def serve(terminal: Terminal, migrate: bool, for_trying: bool) -> None:
    settings = terminal.configured.settings
    set_up_logs(settings.log_level)
    for unknown in terminal.configured.unknown:
        log.warning("setting_unknown", name=unknown)
    with only_process(settings):
        terminal.run(_serve(terminal, settings, migrate=migrate, for_trying=for_trying))


@click.command("worker", help=N_("Only do the waiting work, beside a server on PostgreSQL."))
@click.pass_obj
def worker(terminal: Terminal) -> None:
    settings = terminal.settings
    set_up_logs(settings.log_level)
    with only_process(settings):
        terminal.run(_work(terminal, settings))


async def _serve(terminal: Terminal, settings: Settings, *, migrate: bool, for_trying: bool) -> None:
    sockets = listen_on(settings.listen)
    instance = await app.build(settings, migrate=migrate, say=_telling(terminal))
    reached("serving.opened")
    try:
        server = _Server(_uvicorn_settings(instance))
        with _told_to_stop(server.leave):
            if settings.worker:
                await instance.start_worker(when_broken=server.leave)
            await _greet(terminal, instance, for_trying=for_trying)
            _set_apart_what_stays()
            await server.serve(sockets=sockets)
    finally:
        reached("serving.stopping")
        await instance.stop()
        reached("serving.stopped")


async def _work(terminal: Terminal, settings: Settings) -> None:
    instance = await app.build(settings, say=_telling(terminal))
    try:
        over = asyncio.Event()
        with _told_to_stop(over.set):
            await instance.start_worker(when_broken=over.set)
            terminal.say(_("Working."))
            _set_apart_what_stays()
            await over.wait()
    finally:
        await instance.stop()


def _set_apart_what_stays() -> None:
    """Modules and tables live as long as the process: the collector need not walk through them (50 ms) each time, while
    everybody waits (docs.python.org/3/library/gc.html#gc.freeze)."""
    gc.collect()
    gc.freeze()


class _Server(uvicorn.Server):
    """uvicorn, with the signals in our hands: it would die of the signal before the database is closed."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_A_ROUND == 0:
            look_round(self.server_state, asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def leave(self) -> None:
        """Take nothing new and finish."""
        self.should_exit = True


def _uvicorn_settings(instance: app.Instance) -> uvicorn.Config:
    return uvicorn.Config(
        instance.asgi,
        http=Front,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=most_connections(),
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=FINISH_S,
    )


@contextmanager
def _told_to_stop(leave: Callable[[], None]) -> Iterator[None]:
    """Both signals mean the same: Ctrl-C and what systemd sends."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, leave)
    try:
        yield
    finally:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(sign)


async def _greet(terminal: Terminal, instance: app.Instance, *, for_trying: bool) -> None:
    """Where to go now. The one-time link is new at each start, until somebody has used it."""
    here = instance.here
    terminal.say(_("Fedishare is ready: %(address)s", address=here.base_url))
    if not await instance.db.read(first_run.is_set_up):
        token = new_token()
        await instance.db.write(first_run.renew_first_run, token_hash(token), instance.clock.now())
        link = here.url(f"/first-run?token={token}")
        terminal.say(_("Nobody has set it up yet. Open this link within 24 hours to begin: %(link)s", link=link))
    if for_trying:
        terminal.say(_("This one is for trying: it speaks with no other server."))
        terminal.say(_("To federate, install it for good: fedishare init --base-url https://…"))


def _telling(terminal: Terminal) -> Say:
    def say(msgid: str, values: Mapping[str, Any]) -> None:
        terminal.say(_(msgid, **values))

    return say
