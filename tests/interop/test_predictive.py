"""A predictive campaign over SIP: a carrier that answers, is busy or declines, and two agents of whom one lets a call
ring. Whoever answers talks with an agent or hears the apology, and the store says which.
"""

import asyncio
import time
from pathlib import Path
from typing import cast

import numpy as np
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
NUMBERS = [f"+861350000{place:04}" for place in range(10)]
TALK_S, PATIENCE_S = 0.6, 3.5


def _config(carrier_port: int) -> str:
    agents = "".join(f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n' for agent in ("101", "102"))
    campaign = (
        '[[queue]]\nname = "outbound"\nagents = ["101", "102"]\nwrap_up_s = 0\nmisses_before_pause = 0\n'
        f'[[campaign]]\nname = "{NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\nmode = "predictive"\n'
        'queue = "outbound"\nhours = ["daily 00:00-24:00"]\n'
        "[campaign.retry]\nattempts = 1\n"
    )
    return basic(carrier_port=carrier_port, agents=agents, more=campaign)


def _contact(place: int) -> NewContact:
    return NewContact(NUMBERS[place], f"客户{place}", place + 2, {"车型": f"型号{place}"})


class People:
    """Customers by number, and the agents' phones."""

    def __init__(self, line: Line, carrier_port: int) -> None:
        hop = Hop("UDP", HOST, line.sip)
        self.carrier = Softphone(
            SystemClock(), hop, "carrier", on_call=self._called, listen=Hop("UDP", CARRIER, carrier_port)
        )
        self.agents = [
            Softphone(SystemClock(), hop, agent, f"phone-{agent}", on_call=picks_up)
            for agent, picks_up in (("101", self._at_once), ("102", self._second))
        ]
        self.dialled: list[str] = []
        self.stayed: dict[str, float] = {}
        """How long who answered was on the line, and how loud what he heard was."""
        self.heard: dict[str, float] = {}
        self.missed = 0
        self._lives: set[asyncio.Task[None]] = set()

    def _begin(self, life: "asyncio.Task[None]") -> None:
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    def _called(self, call: PhoneCall) -> None:
        self.dialled.append(call.number)
        place = int(call.number[-2:])
        if place in (1, 4):
            call.refuse(486)
        elif place in (2, 7):
            call.refuse(603)
        else:
            self._begin(asyncio.ensure_future(self._customer(call)))

    async def _customer(self, call: PhoneCall) -> None:
        await call.answer()
        began = time.monotonic()
        await asyncio.wait({call.ended}, timeout=PATIENCE_S)
        self.stayed[call.number] = time.monotonic() - began
        samples = np.asarray(call.voice.heard_samples(), dtype=np.float64)
        self.heard[call.number] = float(np.abs(samples).max(initial=0.0))
        call.hang_up()

    def _at_once(self, call: PhoneCall) -> None:
        self._begin(asyncio.ensure_future(self._agent(call)))

    def _second(self, call: PhoneCall) -> None:
        """He does not hear the first call."""
        if self.missed:
            self._at_once(call)
        self.missed += 1

    async def _agent(self, call: PhoneCall) -> None:
        await call.answer()
        await asyncio.wait({call.ended}, timeout=TALK_S)
        call.hang_up()

    async def begin(self) -> None:
        for phone in (self.carrier, *self.agents):
            await phone.start()
        for phone in self.agents:
            await phone.register()

    async def close(self) -> None:
        for life in self._lives:
            life.cancel()
        for phone in (self.carrier, *self.agents):
            await phone.close()


async def _until_finished(line: Line) -> None:
    async with asyncio.timeout(60):
        while True:
            campaign = cast("Json", await line.api.get(f"/campaigns/{NAME}"))
            if campaign["state"] == "finished":
                return
            assert campaign["state"] in ("", "running"), campaign
            await asyncio.sleep(0.1)


async def test_whoever_answers_has_an_agent_or_the_apology(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    async with serving(tmp_path, _config(port)) as line:
        people = People(line, port)
        await people.begin()
        try:
            await begin(line, NAME, [_contact(place) for place in range(len(NUMBERS))])
            for agent in ("101", "102"):
                await line.set_agent(agent, "available")
            await _until_finished(line)
            await line.until_calls_ended(len(NUMBERS))
            rows = cast("list[Json]", await line.api.get(f"/campaigns/{NAME}/results"))
            details = {str(row["number"]): await line.call(row["call_id"]) for row in rows}
            first = rows[0]["call_id"]
            contact = cast("Json", await line.api.get(f"/calls/{first}/contact"))
            figures = cast("Json", await line.api.get(f"/campaigns/{NAME}"))
        finally:
            await people.close()
        assert not any("Traceback" in text or "broke off" in text for text in line.output)

    results = {str(row["number"]): str(row["result"]) for row in rows}
    assert len(people.dialled) == len(set(people.dialled)) == len(NUMBERS)
    assert [results[NUMBERS[place]] for place in (1, 4, 2, 7)] == ["busy", "busy", "refused", "refused"]
    (lost,) = [number for number in NUMBERS if results[number] == "abandoned"]
    talked = [number for number in NUMBERS if results[number] == "talked"]
    assert len(talked) == 5
    assert figures["results"] == {"talked": 5, "abandoned": 1, "busy": 2, "refused": 2}
    for number in talked:
        call = cast("Json", details[number]["call"])
        assert (call["direction"], call["queue"], call["recordings"]) == ("outbound", "outbound", 1)
        assert call["agent"] in ("101", "102")
    events = {str(event["name"]): cast("Json", event["data"]) for event in cast("list[Json]", details[lost]["events"])}
    assert 2.0 <= cast("float", events["campaign.abandoned"]["waited_s"]) < 3.0
    assert people.heard[_dialled(lost)] > 1000, "he heard the apology"
    assert events["attempt.ended"]["result"] == "abandoned"
    assert contact["campaign"] == NAME
    assert (contact["name"], contact["fields"]) == ("客户0", {"车型": "型号0"})


def _dialled(number: str) -> str:
    """As the carrier has it."""
    return number.removeprefix("+86")
