"""A campaign in preview over SIP: an agent sees each contact before anybody is called, over kill -9 of the service too;
he skips one, and the others are called once his own phone is on the line.
"""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from campaigns.ports import NewContact
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.begun import begin
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.ports import free_port

pytestmark = pytest.mark.interop
NAME = "trade-in"
NUMBERS = [f"+861350000{place:04}" for place in range(3)]
CONFIG = f"""
[[queue]]
name = "outbound"
agents = ["101"]
wrap_up_s = 0
[[campaign]]
name = "{NAME}"
trunk = "carrier"
caller_id = "4008001234"
mode = "preview"
queue = "outbound"
hours = ["daily 00:00-24:00"]
[campaign.retry]
attempts = 1
"""


class People:
    """Customers by number, of whom the second is busy, and the agent's phone. ``happened`` is who was called when."""

    def __init__(self, line: Line, carrier_port: int) -> None:
        hop = Hop("UDP", HOST, line.sip)
        self.carrier = Softphone(
            SystemClock(), hop, "carrier", on_call=self._called, listen=Hop("UDP", CARRIER, carrier_port)
        )
        self.agent = Softphone(SystemClock(), hop, "101", "phone-101", on_call=self._rung)
        self.happened: list[str] = []
        self._lives: set[asyncio.Task[None]] = set()

    def _begin(self, call: PhoneCall, after_s: float) -> None:
        life = asyncio.ensure_future(self._life(call, after_s))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    async def _life(self, call: PhoneCall, after_s: float) -> None:
        await call.answer()
        await asyncio.wait({call.ended}, timeout=after_s)
        call.hang_up()

    def _called(self, call: PhoneCall) -> None:
        self.happened.append(call.number)
        if call.number.endswith("1"):
            call.refuse(486)
        else:
            self._begin(call, 0.5)

    def _rung(self, call: PhoneCall) -> None:
        self.happened.append("101")
        self._begin(call, 30.0)

    async def close(self) -> None:
        for life in self._lives:
            life.cancel()
        for phone in (self.carrier, self.agent):
            await phone.close()


async def _shown(line: Line, but: object = "") -> Json:
    """What the agent's page shows, once it is another attempt than ``but``."""
    async with asyncio.timeout(30):
        while True:
            preview = cast("Json | None", await line.api.get("/agents/101/preview"))
            if preview is not None and preview["attempt"] != but:
                return preview
            await asyncio.sleep(0.1)


async def _ended(line: Line, count: int) -> list[Json]:
    """The list, once so many contacts of it are done."""
    async with asyncio.timeout(30):
        while True:
            rows = cast("list[Json]", await line.api.get(f"/campaigns/{NAME}/results"))
            if sum(bool(row["result"]) for row in rows) >= count:
                return rows
            await asyncio.sleep(0.1)


async def test_an_agent_reads_skips_and_dials(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=port, more=CONFIG)) as line:
        people = People(line, port)
        await people.carrier.start()
        await people.agent.start()
        try:
            await people.agent.register()
            await line.give_admin_phone("101")
            await begin(
                line, NAME, [NewContact(number, f"客户{place}", place + 2) for place, number in enumerate(NUMBERS)]
            )
            await line.set_agent("101", "available")
            before = await _shown(line)
            await line.kill()
            await line.start()
            await people.agent.register()
            await line.set_agent("101", "available")
            first = await _shown(line)
            assert (first["name"], first["tries"], first["contact"]) == ("客户0", [], before["contact"])
            assert people.happened == []
            wanted: Json = {"attempt": first["attempt"], "reason": "现在时间不合适"}
            await line.api.send("POST", "/agents/101/preview/skip", wanted)
            busy = await _shown(line, first["attempt"])
            await line.api.send("POST", "/agents/101/preview/dial", {"attempt": busy["attempt"]})
            await _ended(line, 1)
            await line.until_agent("101", "available")
            third = await _shown(line, busy["attempt"])
            await line.api.send("POST", "/agents/101/preview/dial", {"attempt": third["attempt"]})
            rows = await _ended(line, 2)
            await line.until_calls_ended(2)
            call = await line.call(rows[2]["call_id"])
        finally:
            await people.close()
        assert not any("Traceback" in text or "broke off" in text for text in line.output)
    assert [(row["result"], row["called"]) for row in rows] == [("", 0), ("busy", 1), ("talked", 1)]
    assert people.happened == ["101", "13500000001", "101", "13500000002"], "his own phone first"
    told = cast("Json", call["call"])
    assert (told["direction"], told["agent"], told["recordings"]) == ("outbound", "101", 1)
    events = {str(event["name"]): cast("Json", event["data"]) for event in cast("list[Json]", call["events"])}
    assert events["talk.started"]["queue"] == "outbound", "wrap-up and disposition are this queue's"
