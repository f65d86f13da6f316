"""``line400 serve``: the house, its console and the readers of its log in one process, until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from rich.console import Console

from acd.alarm_figures import AlarmFigures
from campaigns.rules.values import BarKind, Purpose
from console.accounts import ADMIN, ensure_admin
from console.app import create_app
from console.campaign_watch import CampaignWatch
from console.from_store import StoredAccounts
from console.warm import warm
from core.errors import ConfigError, Unavailable
from desk.record_sheets import KINDS
from service.alarms import start_alarms
from service.build import Built, build
from service.config_model import Config
from service.console_deps import console_deps
from service.control import open_control, reload_in_background
from service.drain import Signals, drain
from service.feeding import Feeding
from service.from_config import database_url, thresholds_of
from service.half_hours import follow
from service.lists import ListDesk, finish_lists
from service.lock import only_one
from service.logs import LogLevel, set_level
from service.reader import Library
from service.reading import ReadingRoom
from service.reload import Renewal
from service.selecting import day_of, moment_of
from service.tidying import COLLECTOR, tidy
from service.weekly import start_weekly_reports

_log = logging.getLogger("line400.service")
SWITCH_S: Final = 0.0005
"""How long a thread that counts a report keeps the interpreter when the event loop wants it: a tenth of the usual."""
EXIT_OK: Final = 0
EXIT_CONFIG: Final = 2
EXIT_UNAVAILABLE: Final = 3


def run(
    config: Config,
    began: Callable[[Built], None] = lambda built: None,
    *,
    path: Path | None = None,
    level_follows: bool = True,
) -> int:
    """Serve until SIGINT or SIGTERM; the process's exit code. ``began`` is told once when the house runs. SIGHUP reads
    ``path`` again; ``level_follows`` says whether its ``log_level`` then holds.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # until the house stands, see ``_serve``: nearly all that is made until then stays
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(config, began, path, level_follows))
        except ConfigError as error:
            _complain(str(error))
            return EXIT_CONFIG
        except (Unavailable, OSError) as error:
            _complain(str(error))
            return EXIT_UNAVAILABLE
    return EXIT_OK


class _ConsoleServer(uvicorn.Server):
    """Leaves signals to us: the house is stopped in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _serve(config: Config, began: Callable[[Built], None], path: Path | None, level_follows: bool) -> None:
    async with AsyncExitStack() as exits:
        exits.enter_context(only_one(config.data_folder))
        reading = ReadingRoom(Library(database_url(config), config.zone, thresholds_of(config)))
        exits.push_async_callback(reading.close)
        built = await build(config, exits, path)
        reading.open()
        watch = CampaignWatch(built.base.bus, reading, built.base.clock, built.outbound.idle)
        built.base.tasks.keep("campaign figures", watch.run)
        alarms = AlarmFigures()
        port = await _console(built, reading, watch, alarms, exits)

        def measure_by(new: Renewal) -> None:
            reading.library = Library(database_url(config), config.zone, thresholds_of(new.config))

        built.base.reloader.follow(measure_by)
        # Only now: a start that fails for a port in use must not use up the password that is shown once.
        password = await ensure_admin(StoredAccounts(built.base.store.accounts), os.urandom)
        if config.mqtt.enabled:
            from service.mqtt import MqttPublisher  # noqa: PLC0415 - loads the client, which few need

            publisher = MqttPublisher(
                config.mqtt, built.base.bus, built.house.distributor.snapshot, campaigns=watch.all, alarms=alarms
            )
            watch.follow(publisher.states_changed)
            alarms.follow(publisher.states_changed)
            built.base.tasks.keep("mqtt", publisher.run)
        if config.webhook.url:
            from service.webhook import WebhookSender  # noqa: PLC0415 - loads the client, which few need

            built.base.tasks.keep("webhook", WebhookSender(config.webhook, built.base.bus, built.base.clock).run)
        start_alarms(
            built.base, built.exchange, built.house.distributor, alarms
        )  # now that all who tell of them listen
        start_weekly_reports(built.base)
        gc.collect()
        gc.set_threshold(*COLLECTOR)
        gc.enable()
        gc.freeze()  # what the house is made of lives as long as it does: the collector need not look at it again
        built.base.tasks.keep("lists", partial(finish_lists, built.base.store.lists))
        built.base.tasks.keep("consent lists", partial(finish_lists, built.base.store.consent_lists))
        built.base.tasks.keep("half hours", partial(follow, built.base.store.half_hours))
        built.base.tasks.keep("tidying", partial(tidy, lambda: not built.exchange.switchboard.legs))
        if level_follows:
            built.base.reloader.follow(lambda new: set_level(LogLevel(new.config.log_level)))
        await open_control(built, exits)
        signals = Signals()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload_in_background, built.base, "SIGHUP")
        began(built)
        _welcome(built, port, password)
        built.watch.reset()  # what the start took has delayed no call
        if await signals.next() == signal.SIGTERM:
            await drain(built, signals, built.base.reloader.config.drain_s)


async def _console(
    built: Built, reading: ReadingRoom, watch: CampaignWatch, alarms: AlarmFigures, exits: AsyncExitStack
) -> int:
    """Serve pages and API; the port that is listened on."""
    config = built.base.config
    listening = _listen(config.http.host, config.http.port)
    folder, outbound = (config.data_folder / "lists").absolute(), built.outbound
    lists = ListDesk(
        folder,
        database_url(config),
        lambda: outbound.names,
        built.base.clock,
        os.urandom,
        may_take=built.base.store.campaigns.refuse_stopped,
    )
    exits.push_async_callback(lists.close)
    record_lists = ListDesk(
        (config.data_folder / "record-lists").absolute(),
        database_url(config),
        lambda: tuple(KINDS),
        built.base.clock,
        os.urandom,
        (sys.executable, "-m", "service.record_worker", config.zone),
    )
    exits.push_async_callback(record_lists.close)
    consent_lists = ListDesk(
        (config.data_folder / "consent-lists").absolute(),
        database_url(config),
        lambda: (Purpose.PROMOTION.value, Purpose.SERVICE.value),
        built.base.clock,
        os.urandom,
        (sys.executable, "-m", "service.consent_worker", config.zone),
    )
    exits.push_async_callback(consent_lists.close)
    bar_lists = ListDesk(
        (config.data_folder / "bar-lists").absolute(),
        database_url(config),
        lambda: (BarKind.LISTED.value, BarKind.REFUSED.value),
        built.base.clock,
        os.urandom,
        (sys.executable, "-m", "service.bar_worker"),
    )
    exits.push_async_callback(bar_lists.close)
    feeding = _feeding(built)
    built.campaigns.arriving = lambda name: lists.is_taking(name) or feeding.is_looking(name)
    app = create_app(
        replace(
            console_deps(built, reading, lists),
            selections=feeding,
            record_lists=record_lists,
            consent_lists=consent_lists,
            bar_lists=bar_lists,
            campaign_watch=watch,
            alarm_figures=alarms,
        )
    )
    await warm(app)
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws_max_size=1 << 16,
        ws_per_message_deflate=False,  # readers are near; compressing for each of them would cost the event loop
        timeout_graceful_shutdown=2,
    )
    server = _ConsoleServer(settings)
    task = asyncio.create_task(server.serve(sockets=[listening]), name="console")
    exits.push_async_callback(_stop_console, server, task)
    while not server.started and not task.done():  # noqa: ASYNC110 - the library has no event for it
        await asyncio.sleep(0.01)
    return int(listening.getsockname()[1])


def _feeding(built: Built) -> Feeding:
    """Selections, and the task that looks whom they bring into campaigns."""
    base = built.base
    feeding = Feeding(
        base.store.selections,
        base.store.feeds,
        base.store.effects,
        built.outbound,
        database_url(base.config),
        lambda: moment_of(base.reloader.config, base.clock.now(), built.offers.offers()),
        os.urandom,
        lambda at: day_of(base.config, at),
    )
    feeding.listen(base.bus)
    base.tasks.keep("selections", feeding.run)
    return feeding


def _listen(host: str, port: int) -> socket.socket:
    """Our own socket, so that a port in use is our error to word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)  # from here on nobody is refused, though the first answers may take a moment
    except OSError as error:
        listening.close()
        raise Unavailable(
            f"the console cannot listen on {host}:{port}: {error.strerror}; see [http] in the configuration"
        ) from None
    return listening


async def _stop_console(server: uvicorn.Server, task: "asyncio.Task[None]") -> None:
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _welcome(built: Built, port: int, password: str | None) -> None:
    screen = Console(highlight=False, markup=False, soft_wrap=True)
    host = built.base.config.http.host
    sip = built.exchange.stack.address()
    screen.print(f"Line400 客服电话系统已启动 / is up: http://{host}:{port}/  SIP {str(sip).partition(':')[2]}")
    if password is not None:
        screen.print(f"首次启动 / first run: sign in as {ADMIN} with password {password} (shown once; change it there)")
    if built.recognisers is None:
        screen.print(
            "没有语音识别模型，通话不会转写 / no recognition model: calls are not transcribed. "
            "`line400 models install whisper-base`"
        )


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(text, style="red")
