"""A caller keeps his place without waiting: SIPp is the agent's phone and the customer who is called back, and the
service is killed while the customer's phone rings.
"""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, serving
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.ports import free_port

pytestmark = pytest.mark.interop
NUMBER, WANG = "4008001111", "13800138000"
CUSTOMERS = "127.0.0.3"
"""Where the trunk leads by which customers are called back."""


def _config(carrier_port: int, customer_port: int, agent_port: int) -> str:
    return f"""
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {carrier_port}
[[trunk]]
name = "mobile"
host = "{CUSTOMERS}"
port = {customer_port}
options_s = 0
[callback]
trunk = "mobile"
caller_id = "{NUMBER}"
[[agent]]
id = "101"
address = "sip:101@{HOST}:{agent_port}"
[[queue]]
name = "sales"
agents = ["101"]
wrap_up_s = 0
callback_key = "1"
[[number]]
number = "{NUMBER}"
to = "queue:sales"
"""


async def _callbacks(line: Line) -> list[Json]:
    return cast("list[Json]", await line.api.get("/callbacks"))


async def _until_waiting(line: Line) -> None:
    async with asyncio.timeout(15):
        while True:
            queues = cast("list[Json]", cast("Json", await line.api.get("/live"))["queues"])
            if any(one["waiting"] for one in queues):
                return
            await asyncio.sleep(0.1)


async def _presses_until_it_is_over(call: PhoneCall) -> None:
    """The key that asks for it, and the one that confirms his own number."""
    async with asyncio.timeout(40):
        while not call.ended.done():
            call.voice.press("1")
            await asyncio.sleep(1.0)


async def _until_state(line: Line, state: str) -> Json:
    async with asyncio.timeout(20):
        while True:
            rows = await _callbacks(line)
            if rows and rows[0]["state"] == state:
                return rows[0]
            await asyncio.sleep(0.1)


async def test_a_caller_is_called_back_in_spite_of_a_kill(tmp_path: Path) -> None:
    carrier_port, customer_port, agent_port = free_port(CARRIER), free_port(CUSTOMERS), free_port()
    async with serving(tmp_path, _config(carrier_port, customer_port, agent_port)) as line:
        carrier = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, carrier_port)
        )
        await carrier.start()
        try:
            call = await carrier.call(NUMBER, WANG)
            await _until_waiting(line)
            await _presses_until_it_is_over(call)
        finally:
            await carrier.close()
        (first,) = await line.until_calls_ended(1)
        assert (first["outcome"], first["reason"], first["ended_by"]) == ("called_back", "normal", "system")
        (promised,) = await _callbacks(line)
        assert (promised["number"], promised["queue"], promised["state"]) == ("+8613800138000", "sales", "waiting")

        agent = Sipp("uas_call", "UDP", calls=1, port=agent_port)
        rings = Sipp("uas_cancelled", "UDP", calls=1, local=CUSTOMERS, port=customer_port)
        async with agent, rings:
            await asyncio.gather(agent.listening(), rings.listening())
            await line.set_agent("101", "available")  # and is rung at once
            await _until_state(line, "dialled")
            await asyncio.sleep(0.5)
            await line.kill()
        await line.start()
        again = await _until_state(line, "resting")
        assert (again["id"], again["tries"]) == (promised["id"], 1), "kept, and the call that was cut is a try"
        assert cast("float", again["again_at"]) > cast("float", promised["promised_at"]) + 500

        agent = Sipp("uas_call", "UDP", calls=1, port=agent_port)
        talks = tmp_path / "uas_hangs_up.xml"
        talks.write_text((SCENARIOS / talks.name).read_text().replace('milliseconds="100"', 'milliseconds="2000"'))
        customer = Sipp(talks, "UDP", calls=1, local=CUSTOMERS, port=customer_port)
        async with agent, customer:
            await asyncio.gather(agent.listening(), customer.listening())
            await line.until_agent("101", "available")
            await line.api.send("POST", f"/callbacks/{promised['id']}/call")
            outcomes = await asyncio.gather(agent.done(), customer.done())
        assert [(one.successful, one.failed, one.errors) for one in outcomes] == [(1, 0, "")] * 2
        calls = await line.until_calls_ended(3)
        assert await _callbacks(line) == []
        kept = cast("Json", (await line.call(first["id"]))["callback"])
        report = cast("Json", await line.api.get("/reports/queues?bucket=total"))
        assert not any("Traceback" in text or "broke off" in text for text in line.output)
    last = calls[0]
    assert (last["direction"], last["ani"], last["dnis"]) == ("outbound", NUMBER, "+8613800138000")
    assert last["agent"] == "101"
    assert (last["reason"], last["ended_by"], last["recordings"]) == ("normal", "caller", 1)
    made = cast("list[Json]", kept["made"])
    assert [(one["agent"], one["result"]) for one in made] == [("101", "interrupted"), ("101", "reached")]
    assert (kept["outcome"], kept["agent"], made[1]["call_id"]) == ("reached", "101", last["id"])
    figures = cast("dict[str, int]", cast("Json", report["total"])["figures"])
    ends = ("answered", "abandoned", "overflowed", "called_back", "left_by_key", "waiting")
    assert figures["offered"] == figures["called_back"] == sum(figures[end] for end in ends) == 1
