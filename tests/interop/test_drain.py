"""SIGTERM to a line with a talk on it: the talk goes on, new callers are turned away, then it ends in order."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import CallRejected
from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Line, basic, serving
from tests.ports import free_port

pytestmark = pytest.mark.interop
GENERAL = "4008005555"


@contextlib.asynccontextmanager
async def talking(line: Line, carrier_port: int) -> AsyncIterator[tuple[Handset, PhoneCall]]:
    """A caller and agent 101 in a talk; the carrier, and the caller's call."""
    server = Hop("UDP", HOST, line.sip)
    calls: list[asyncio.Task[None]] = []
    agent = Handset(server, "101", "phone-101", on_call=lambda call: calls.append(asyncio.create_task(call.answer())))
    carrier = Handset(server, "carrier", listen=Hop("UDP", CARRIER, carrier_port))
    await agent.start()
    await carrier.start()
    try:
        await agent.register()
        await line.set_agent("101", "available")
        call = await carrier.call(GENERAL, "13800138000")
        await line.until_agent("101", "talking")
        yield carrier, call
    finally:
        await carrier.close()
        await agent.close()


def term(line: Line) -> None:
    assert line.process is not None
    line.process.send_signal(signal.SIGTERM)


async def test_a_talk_ends_by_itself_while_new_callers_are_turned_away(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        assert line.process is not None
        async with talking(line, carrier_port) as (carrier, call):
            term(line)
            await asyncio.sleep(0.5)  # the signal finds its way
            for _ in range(3):
                with pytest.raises(CallRejected) as refused:
                    await carrier.call(GENERAL, "13900139000")
                assert refused.value.status == 503
            await asyncio.sleep(1)
            assert call.up and not call.ended.done() and line.process.returncode is None
            call.hang_up()
            assert await asyncio.wait_for(line.process.wait(), 15) == 0
        await line.start()
        (kept,) = await line.until_calls_ended(1)
        assert (kept["reason"], kept["ended_by"], kept["outcome"]) == ("normal", "caller", "answered")


async def test_time_runs_out_or_a_second_signal_comes(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port), top="drain_s = 2") as line:
        for patience_s in (2.0, 0.0):
            assert line.process is not None
            async with talking(line, carrier_port) as (_, call):
                term(line)
                if not patience_s:
                    term(line)
                began = asyncio.get_running_loop().time()
                await asyncio.wait_for(call.ended, 10)
                assert asyncio.get_running_loop().time() - began >= patience_s
                assert await asyncio.wait_for(line.process.wait(), 15) == 0
            await line.start()
