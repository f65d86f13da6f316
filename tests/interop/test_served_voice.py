"""A recorded call by SIP on other media workers than usual: without the compiled part, and on another machine."""

import asyncio
from pathlib import Path

import pytest

from tests.interop.line import CARRIER, Line, basic, serving
from tests.interop.processes import children
from tests.interop.sound import channels, tone, until_heard
from tests.interop.test_crashes import AGENT_HZ, CALLER_HZ, MEDIA, People, people, seconds_of_tone, served
from tests.interop.test_media_hosts import start_host
from tests.ports import free_port

pytestmark = pytest.mark.interop


async def a_recorded_call(line: Line, them: People) -> None:
    """A caller and agent 101 hear each other, and the recording has each on his own side."""
    await them.sign_in()
    talking = await them.talk()
    speaking = asyncio.create_task(talking.voice.say_samples(tone(CALLER_HZ, 30)))
    await until_heard(talking, AGENT_HZ)
    await until_heard(them.agent_calls[0], CALLER_HZ)
    await asyncio.sleep(1.0)
    speaking.cancel()
    talking.hang_up()
    (ended,) = await line.until_calls_ended(1)
    assert (ended["reason"], ended["outcome"]) == ("normal", "answered")
    left, right = channels(await line.recording_of(ended["id"]))
    assert seconds_of_tone(left, CALLER_HZ) >= 1.0
    assert seconds_of_tone(right, AGENT_HZ) >= 1.0
    assert seconds_of_tone(left, AGENT_HZ) == seconds_of_tone(right, CALLER_HZ) == 0.0


async def test_without_the_compiled_part(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with (
        serving(tmp_path, basic(carrier_port=carrier_port), LINE400_PURE="1") as line,
        people(line, carrier_port) as them,
    ):
        (worker,) = children(served(line), MEDIA)
        assert not worker.has_loaded("_pump")
        await a_recorded_call(line, them)


async def test_on_another_machine(tmp_path: Path) -> None:
    """``line400 media-worker`` over TCP; the folder of recordings is the same on both, as it would be on a share."""
    host = await start_host(tmp_path, rtp="24800-24899")
    carrier_port = free_port(CARRIER)
    place = f'remote = ["127.0.0.1:{host.worker.port}"]\nremote_secret = "{tmp_path / "secret"}"\n'
    try:
        async with (
            serving(tmp_path, place + basic(carrier_port=carrier_port), media_workers=-1) as line,
            people(line, carrier_port) as them,
        ):
            async with asyncio.timeout(15):
                while (await line.parts())["media"]["state"] != "ok":  # noqa: ASYNC110 - it connects beside the start
                    await asyncio.sleep(0.1)
            assert not children(served(line), MEDIA)
            assert len(host.workers()) == 1
            await a_recorded_call(line, them)
    finally:
        await host.end()
