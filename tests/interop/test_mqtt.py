"""The MQTT publisher and a real Mosquitto: retained states, last will, a broker that goes and comes back."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiomqtt
import pytest

from acd.board import Board, QueueView, Tally
from acd.facts import QueueEntered
from core.bus import Bus, MemoryLog
from service.clock import SystemClock
from service.config_mqtt import MqttSettings
from service.loopwatch import LoopWatch
from service.mqtt import MqttPublisher
from telephony.facts import CallStarted
from tests.ports import free_port

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(MOSQUITTO is None, reason="needs the broker mosquitto (Debian package mosquitto)"),
]


class Mosquitto:
    """A broker process on a loopback port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._configuration)])
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


class Listener:
    """A client of the broker that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bool]] = []

    def last(self, topic: str) -> str | None:
        return next((payload for name, payload, _ in reversed(self.heard) if name == topic), None)

    def entries(self) -> list[str]:
        return [json.loads(text)["fact"]["entry"] for name, text, _ in self.heard if name.endswith("queue/entered")]


@contextlib.asynccontextmanager
async def listening(port: int) -> AsyncIterator[Listener]:
    listener = Listener()
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("line400/#", qos=1)

        async def hear() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                listener.heard.append((str(message.topic), message.payload.decode(), message.retain))

        task = asyncio.create_task(hear())
        try:
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is another process that we wait for
            await asyncio.sleep(0.02)


def board(waiting: int) -> Board:
    return Board(0.0, (QueueView("sales", "销售", (), 1, 1, waiting, Tally(0, 0, 0, 0, 0, 0, 0)),), ())


async def test_events_states_and_status_reach_a_real_broker(mosquitto: Mosquitto):
    bus = Bus()
    log = MemoryLog(SystemClock(), bus)
    publisher = MqttPublisher(MqttSettings(True, port=mosquitto.port), bus, lambda: board(7))
    task = asyncio.create_task(publisher.run())
    async with listening(mosquitto.port) as listener:
        await until(lambda: listener.last("line400/status") == "online")
        log.post("c-1", CallStarted("inbound", "+8613800138000", "4008001234"))
        for number in range(500):
            log.post("c-1", QueueEntered(f"q{number}", "sales"))
        await until(lambda: len(listener.entries()) == 500)
        assert listener.entries() == [f"q{number}" for number in range(500)], "in order"
        assert not any("13800138000" in payload for _, payload, _ in listener.heard), "numbers are masked"
    async with listening(mosquitto.port) as late:
        await until(lambda: late.last("line400/state/queues/sales") is not None)
        assert json.loads(late.last("line400/state/queues/sales") or "")["available"] == 7
        assert [retained for name, _, retained in late.heard if name.startswith("line400/state/")] == [True]
        task.cancel()
        await asyncio.wait({task})
        await until(lambda: late.last("line400/status") == "offline")


async def test_a_broker_that_goes_and_comes_back_gets_what_it_missed_and_nobody_waited(mosquitto: Mosquitto):
    bus = Bus()
    log = MemoryLog(SystemClock(), bus)
    publisher = MqttPublisher(MqttSettings(True, port=mosquitto.port), bus, lambda: board(1))
    task = asyncio.create_task(publisher.run())
    await until(lambda: publisher.health.connected)
    mosquitto.stop()
    async with LoopWatch() as watch:
        await until(lambda: not publisher.health.connected)
        for number in range(200):
            log.post("c-1", QueueEntered(f"q{number}", "sales"))
        await asyncio.sleep(1.5)
    assert watch.report().turns > 20, "the loop went on turning"
    assert publisher.health.waiting == 200
    mosquitto.start()
    async with listening(mosquitto.port) as listener:
        await until(lambda: len(set(listener.entries())) == 200)
        assert list(dict.fromkeys(listener.entries())) == [f"q{number}" for number in range(200)]
    task.cancel()
    await asyncio.wait({task})


async def test_a_process_that_is_killed_is_marked_offline_by_its_last_will(mosquitto: Mosquitto):
    program = textwrap.dedent(f"""
        import asyncio
        import uvloop
        from acd.board import Board
        from core.bus import Bus
        from service.config_mqtt import MqttSettings
        from service.mqtt import MqttPublisher

        async def main():
            publisher = MqttPublisher(MqttSettings(True, port={mosquitto.port}), Bus(), lambda: Board(0.0, (), ()))
            await publisher.run()

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    """)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    try:
        async with listening(mosquitto.port) as listener:
            await until(lambda: listener.last("line400/status") == "online")
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
            await until(lambda: listener.last("line400/status") == "offline")
        async with listening(mosquitto.port) as late:
            await until(lambda: ("line400/status", "offline", True) in late.heard)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
