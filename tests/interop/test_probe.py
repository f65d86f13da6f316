"""The answer-rate probe on a served line: its call goes out through the carrier and comes back in, and what happens to
it there is told as a customer would live it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, LINE_NUMBER, Json, Line, serving
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio]
OUR_ID = "02154321098"


def _settings(carrier_port: int) -> str:
    return f"""
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {carrier_port}
[[agent]]
id = "101"
password = "phone-101"
[[queue]]
name = "sales"
agents = ["101"]
wrap_up_s = 1
[[number]]
number = "{LINE_NUMBER}"
to = "queue:sales"
[[probe]]
name = "hotline"
number = "{LINE_NUMBER}"
trunk = "carrier"
caller_id = "{OUR_ID}"
when = "0 3 1 1 *"
patience_s = 5
talk_s = 1
"""


class Network:
    """The telephone network: what the line dials comes back to it through the same carrier."""

    def __init__(self, line: Line, port: int) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self.carrier = Handset(
            Hop("UDP", HOST, line.sip), "carrier", on_call=self._called, listen=Hop("UDP", CARRIER, port)
        )

    def _called(self, call: PhoneCall) -> None:
        task = asyncio.create_task(self._connect(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, call: PhoneCall) -> None:
        onward = await self.carrier.call(LINE_NUMBER, OUR_ID)
        await call.answer()
        await asyncio.wait({call.ended, onward.ended}, return_when=asyncio.FIRST_COMPLETED)
        call.hang_up()
        onward.hang_up()


@contextlib.asynccontextmanager
async def _phone(line: Line) -> AsyncIterator[list[PhoneCall]]:
    """Agent 101 at his phone, which he answers."""
    taken: list[PhoneCall] = []
    answering: set[asyncio.Future[None]] = set()

    def ring(call: PhoneCall) -> None:
        taken.append(call)
        answering.add(asyncio.ensure_future(call.answer()))

    phone = Handset(Hop("UDP", HOST, line.sip), "101", "phone-101", ring)
    await phone.start()
    await phone.register()
    try:
        yield taken
    finally:
        await phone.close()


async def _ended(line: Line, runs: int) -> list[Json]:
    """So many runs are over; newest first."""
    async with asyncio.timeout(30):
        while True:
            found = cast("list[Json]", cast("Json", await line.api.get("/probes"))["runs"])
            if len(found) == runs and all(run["result"] for run in found):
                return found
            await asyncio.sleep(0.1)


async def test_our_own_number_is_called_as_a_customer_would(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    async with serving(tmp_path, _settings(port)) as line:
        network = Network(line, port)
        await network.carrier.start()
        [plan] = cast("list[Json]", cast("Json", await line.api.get("/probes"))["probes"])
        assert (plan["name"], plan["number"]) == ("hotline", LINE_NUMBER) and plan["due_at"] is not None
        await line.api.send("POST", "/probes/hotline/run", {})
        [alone] = await _ended(line, 1)
        assert (alone["result"], alone["queue"], alone["agent"]) == ("gave_up", "sales", "")
        async with _phone(line) as taken:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            await line.api.send("POST", "/probes/hotline/run", {})
            run, _ = await _ended(line, 2)
            assert (run["result"], run["queue"], run["agent"], run["by"]) == ("answered", "sales", "101", "admin")
            assert len(taken) == 1
            ring_s, wait_s = cast("float", run["ring_s"]), cast("float", run["wait_s"])
            assert 0 <= ring_s < 5 and 0 <= wait_s < 5
            inbound = await line.call(run["inbound"])
            names = [event["name"] for event in cast("list[Json]", inbound["events"])]
            assert "probe.came" in names
            outbound = cast("Json", (await line.call(run["call_id"]))["call"])
            assert (outbound["direction"], outbound["dnis"]) == ("outbound", LINE_NUMBER)
        await network.carrier.close()
