"""kill -9 and SIGSTOP at the worst moments of a real ``line400 serve``: truth stays, and the line answers again."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from asr.models import find_model
from core.audio import RATE_HZ, Pcm
from core.errors import CallRejected, Unavailable
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, LINE_NUMBER, Json, Line, basic, serving
from tests.interop.processes import Child, children, until_gone
from tests.interop.sound import channels, share_of_tone, tone
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLER_HZ = 700.0
AGENT_HZ = 1100.0
GENERAL = "4008005555"
MEDIA = "telephony.media.worker"
RECOGNISER = "asr.worker"


class People:
    """The carrier whose callers come in, and agent 101 who picks up at once and speaks a tone for ever."""

    def __init__(self, line: Line, carrier: Softphone) -> None:
        self.line = line
        self.carrier = carrier
        self.agent_calls: list[PhoneCall] = []
        self._speaking: set[asyncio.Task[None]] = set()
        self.agent = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "101", "phone-101", self._rung)

    def _rung(self, call: PhoneCall) -> None:
        self.agent_calls.append(call)
        task = asyncio.ensure_future(self._pick_up(call))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _pick_up(self, call: PhoneCall) -> None:
        await call.answer()
        await call.voice.say_samples(tone(AGENT_HZ, 60))

    async def sign_in(self) -> None:
        """The agent's phone registers, and he wants calls."""
        await self.agent.register()
        await self.line.set_agent("101", "available")
        await self.line.until_agent("101", "available")

    async def talk(self) -> PhoneCall:
        """A new caller who is talking with the agent and is being recorded."""
        known = {call["id"] for call in await self.line.calls()}
        call = await self.carrier.call(GENERAL, "13800138000")
        async with asyncio.timeout(15):
            while True:
                for row in await self.line.calls():
                    if row["id"] not in known and (await self.line.call(row["id"]))["recordings"]:
                        return call
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        for task in self._speaking:
            task.cancel()
        await self.carrier.close()
        await self.agent.close()


@contextlib.asynccontextmanager
async def people(line: Line, carrier_port: int) -> AsyncIterator[People]:
    carrier = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, carrier_port))
    them = People(line, carrier)
    await carrier.start()
    await them.agent.start()
    try:
        yield them
    finally:
        await them.close()


def seconds_of_tone(samples: Pcm, frequency_hz: float) -> float:
    """For how long the tone is heard, in steps of 50 ms."""
    step = RATE_HZ // 20
    parts = [samples[start : start + step] for start in range(0, len(samples) - step + 1, step)]
    return sum(share_of_tone(part, frequency_hz, 40.0) > 0.5 for part in parts) / 20


def served(line: Line) -> int:
    assert line.process is not None
    return line.process.pid


async def figures_of(line: Line, queue: str) -> Json:
    report = cast("Json", await line.api.get(f"/reports/queues?bucket=total&queue={queue}"))
    total = cast("Json", report["total"])
    return cast("Json", total["figures"])


def assert_identity(figures: Json) -> None:
    """What came in is what became of it."""
    ends = ("answered", "abandoned", "overflowed", "called_back", "left_by_key", "waiting")
    assert figures["offered"] == sum(cast("int", figures[name]) for name in ends), figures


async def test_sigterm_to_every_process_at_once_ends_a_talk_in_order(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with (
        serving(tmp_path, basic(carrier_port=carrier_port), top="drain_s = 0") as line,
        people(line, carrier_port) as them,
    ):
        await them.sign_in()
        talking = await them.talk()
        await talking.voice.say_samples(tone(CALLER_HZ, 2))
        workers = children(served(line), MEDIA)
        assert await line.stop_group() == 0
        await until_gone(workers)
        assert not [text for text in line.output if "Traceback" in text or "media worker" in text], line.output

        await line.start()
        (call,) = await line.until_calls_ended(1)
        assert (call["reason"], call["ended_by"], call["outcome"]) == ("normal", "system", "answered")
        left, _ = channels(await line.recording_of(call["id"]))
        assert seconds_of_tone(left, CALLER_HZ) >= 1.5


async def test_kill_9_of_control_in_a_recorded_talk_while_another_waits(tmp_path: Path) -> None:
    """freeswitch#1973: rows of calls and agents were left over after a crash."""
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line, people(line, carrier_port) as them:
        await them.sign_in()
        talking = await them.talk()
        waiting = await them.carrier.call(GENERAL, "13900139000")
        await talking.voice.say_samples(tone(CALLER_HZ, 4))
        before = {str(call["ani"]): call["id"] for call in await line.calls()}
        workers = children(served(line), MEDIA)
        assert workers
        await line.kill()
        await until_gone(workers)

        await line.start()
        calls = {call["id"]: call for call in await line.until_calls_ended(2)}
        talked, waited = calls[before["+8613800138000"]], calls[before["+8613900139000"]]
        assert (talked["reason"], talked["ended_by"], talked["outcome"]) == ("interrupted", "system", "answered")
        assert (waited["reason"], waited["ended_by"], waited["outcome"]) == ("interrupted", "system", "interrupted")
        left, right = channels(await line.recording_of(talked["id"]))
        assert seconds_of_tone(left, CALLER_HZ) >= 3.0
        assert seconds_of_tone(right, AGENT_HZ) >= 3.0
        figures = await figures_of(line, "general")
        assert_identity(figures)
        assert (figures["offered"], figures["answered"], figures["abandoned"], figures["waiting"]) == (2, 1, 1, 0)
        assert figures["interrupted"] == 1

        for call in (talking, waiting, *them.agent_calls):
            call.hang_up()  # they heard nothing any more; their BYE comes to a house that does not know the call
        await them.sign_in()
        again = await them.talk()
        await again.voice.say_samples(tone(CALLER_HZ, 2))
        again.hang_up()
        newest = (await line.until_calls_ended(3))[0]
        assert (newest["reason"], newest["ended_by"], newest["outcome"]) == ("normal", "caller", "answered")
        left, _ = channels(await line.recording_of(newest["id"]))
        assert seconds_of_tone(left, CALLER_HZ) >= 1.0
        figures = await figures_of(line, "general")
        assert_identity(figures)
        assert (figures["offered"], figures["answered"]) == (3, 2)
        assert not any("broke off" in text or "Traceback" in text for text in line.output)


async def test_kill_9_of_the_media_worker_ends_the_call_and_the_next_one_works(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line, people(line, carrier_port) as them:
        await them.sign_in()
        talking = await them.talk()
        await talking.voice.say_samples(tone(CALLER_HZ, 4))
        serve = served(line)
        (worker,) = children(serve, MEDIA)
        worker.kill()
        await asyncio.wait_for(talking.ended, 5)
        await asyncio.wait_for(them.agent_calls[0].ended, 5)
        (lost,) = await line.until_calls_ended(1)
        assert (lost["reason"], lost["ended_by"], lost["outcome"]) == ("media_lost", "system", "answered")
        detail = await line.call(lost["id"])
        assert [leg["reason"] for leg in cast("list[Json]", detail["legs"])] == ["media_lost", "media_lost"]
        (recording,) = cast("list[Json]", detail["recordings"])
        assert recording["repaired"]
        left, _ = channels(await line.recording_of(lost["id"]))
        assert seconds_of_tone(left, CALLER_HZ) >= 3.0

        await line.until_agent("101", "available")
        again = await them.talk()
        await again.voice.say_samples(tone(CALLER_HZ, 2))
        again.hang_up()
        newest = (await line.until_calls_ended(2))[0]
        assert (newest["reason"], newest["ended_by"], newest["outcome"]) == ("normal", "caller", "answered")
        assert (served(line), line.process and line.process.returncode) == (serve, None)
        (other,) = children(serve, MEDIA)
        assert other.pid != worker.pid
        assert_identity(await figures_of(line, "general"))
        assert not any("broke off" in text or "Traceback" in text for text in line.output)


async def test_a_hanging_media_worker_is_replaced_and_its_calls_end(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line, people(line, carrier_port) as them:
        await them.sign_in()
        talking = await them.talk()
        (worker,) = children(served(line), MEDIA)
        worker.kill(signal.SIGSTOP)
        with contextlib.suppress(CallRejected, Unavailable):  # whoever calls now may be refused: never left hanging
            async with asyncio.timeout(20):
                (await them.carrier.call(GENERAL, "13700137000")).hang_up()
        await asyncio.wait_for(talking.ended, 5)
        calls = {call["ani"]: call for call in await line.until_calls_ended(2)}
        assert (calls["+8613800138000"]["reason"], calls["+8613800138000"]["ended_by"]) == ("media_lost", "system")
        assert not worker.runs
        await line.until_agent("101", "available")
        again = await them.talk()
        again.hang_up()
        newest = (await line.until_calls_ended(3))[0]
        assert (newest["reason"], newest["ended_by"]) == ("normal", "caller")
        assert_identity(await figures_of(line, "general"))


async def test_the_service_stops_in_order_while_a_dead_media_worker_is_being_replaced(tmp_path: Path) -> None:
    async with serving(tmp_path, basic(carrier_port=free_port(CARRIER))) as line:
        (worker,) = children(served(line), MEDIA)
        worker.kill()
        await asyncio.sleep(0.1)
        others = children(served(line))
        assert await line.stop() == 0
        assert not any("Traceback" in text for text in line.output)
        await until_gone(others)


def _need_model(folder: Path) -> str:
    """Where the models are; the test is skipped without."""
    models = os.environ.get("LINE400_MODELS", "")
    if not models or find_model(folder, None) is None:
        pytest.skip("needs a recognition model (set LINE400_MODELS to the folder that holds it)")
    return models


async def _until_workers(line: Line, count: int) -> list[Child]:
    async with asyncio.timeout(60):
        while True:
            if len(found := children(served(line), RECOGNISER)) >= count:
                return found
            await asyncio.sleep(0.2)


async def _outcome_of_transcript(line: Line) -> str:
    """Of the newest call, once it is ready or given up."""
    async with asyncio.timeout(120):
        while True:
            state = str((await line.calls())[0]["transcript"])
            if state in {"ready", "failed"}:
                return state
            await asyncio.sleep(0.5)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_calls_go_on_without_a_recogniser_and_the_transcript_comes_later(
    tmp_path: Path, number: signal.Signals
) -> None:
    models = _need_model(tmp_path / "data" / "models")
    carrier_port = free_port(CARRIER)
    async with (
        serving(tmp_path, basic(carrier_port=carrier_port), LINE400_MODELS=models) as line,
        people(line, carrier_port) as them,
    ):
        await them.sign_in()
        workers = await _until_workers(line, 2)
        call = await them.carrier.call(LINE_NUMBER, "13800138000")
        for worker in workers:
            worker.kill(number)
        call.voice.press("0")  # typed ahead of the menu
        await line.until_agent("101", "talking", 25)
        await call.voice.say_samples(np.concatenate((tone(CALLER_HZ, 2), np.zeros(RATE_HZ, np.int16))))
        call.hang_up()
        (ended,) = await line.until_calls_ended(1)
        assert (ended["reason"], ended["outcome"], ended["queue"]) == ("normal", "answered", "general")
        assert await _outcome_of_transcript(line) == "ready"
        replaced = await _until_workers(line, 2)
        assert not {worker.pid for worker in replaced} & {worker.pid for worker in workers}
        await until_gone(workers)


@pytest.mark.slow
async def test_no_recogniser_outlives_a_killed_control_not_even_a_stopped_one(tmp_path: Path) -> None:
    models = _need_model(tmp_path / "data" / "models")
    async with serving(tmp_path, basic(carrier_port=free_port(CARRIER)), LINE400_MODELS=models) as line:
        workers = await _until_workers(line, 2)
        workers[0].kill(signal.SIGSTOP)
        try:
            await asyncio.wait_for(line.kill(), 15)  # until nobody holds its output any more
            await until_gone(workers)
        finally:
            for worker in workers:
                worker.kill()
