"""An agent at his phone calls outside, by dialling and from his page, and changes his state by codes; a supervisor
listens by one. Through a served line and a carrier over SIP.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
import pytest_asyncio

from core.errors import CallRejected
from service.demo.softphone import PhoneCall
from tests.interop.handset import Handset
from tests.interop.house import AGENT_HZ, CALLER_HZ, House, hears, write_prompts
from tests.interop.line import CARRIER, Json, serving
from tests.interop.sound import share_of_tone
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
LINE, WANG, WHOLE = "4008001111", "13900139000", "+8613900139000"
SETTINGS = f"""
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = @PORT@
[dialling]
trunk = "carrier"
caller_id = "{LINE}"
[[agent]]
id = "101"
password = "phone-101"
[[agent]]
id = "102"
password = "phone-102"
[[queue]]
name = "sales"
agents = ["101", "102"]
wrap_up_s = 0
[[number]]
number = "{LINE}"
to = "queue:sales"
"""


@dataclass
class Desk:
    house: House
    carrier: Handset
    outside: "asyncio.Queue[PhoneCall]"
    """Calls that the line makes by its trunk."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("dial")
    prompts, port = write_prompts(folder / "prompts"), free_port(CARRIER)
    async with serving(folder, SETTINGS.replace("@PORT@", str(port)), top=f'prompts = "{prompts}"\n') as line:
        await line.give_admin_phone("101")
        house = House(line, {"sales": LINE})
        following = asyncio.create_task(house.follow())
        outside: asyncio.Queue[PhoneCall] = asyncio.Queue()
        async with house.carrier(port, on_call=outside.put_nowait) as carrier:
            await asyncio.sleep(0.3)  # until the events flow
            yield Desk(house, carrier, outside)
        following.cancel()


async def _listed(desk: Desk, number: str) -> list[Json]:
    page = cast("Json", await desk.house.line.api.get(f"/calls?direction=outbound&agent=101&number={number}"))
    return cast("list[Json]", page["items"])


async def test_he_dials_a_customer_and_no_queue_rings_him_meanwhile(desk: Desk) -> None:
    async with desk.house.person("101") as agent:
        dialling = asyncio.create_task(agent.phone.call(WANG))
        rung = await asyncio.wait_for(desk.outside.get(), 5)
        assert rung.number == WANG, "as carriers in the country take it"
        assert not dialling.done(), "his phone rings on until the customer answers"
        await rung.answer()
        talk = await asyncio.wait_for(dialling, 5)
        desk.house.speak(rung, CALLER_HZ)
        desk.house.speak(talk, AGENT_HZ)
        await asyncio.gather(hears(talk, "caller"), hears(rung, "agent"))
        await desk.house.until_agent("101", "talking")
        caller = desk.house.caller()
        waiting = await desk.carrier.call(LINE, caller)
        await desk.house.until(caller, "queue.entered")
        await hears(waiting, "hold_music")
        assert desk.house.facts(caller, "offer.made") == []
        talk.hang_up()
        await desk.house.until("101", "call.ended", reason="normal", by="agent")
        offered = await agent.takes()
        assert desk.house.facts(caller, "offer.made") != []
        offered.hang_up()
        await desk.house.until(caller, "call.ended")
        with pytest.raises(CallRejected) as refused:
            await agent.phone.call("0014155550100")
        assert refused.value.status == 403, "numbers abroad are not called"
        assert desk.outside.empty()
    (call,) = await _listed(desk, WHOLE[1:])
    assert (call["ani"], call["dnis"], call["agent"], call["recordings"]) == (LINE, WHOLE, "101", 1)


async def test_he_asks_on_his_page_and_his_own_phone_rings_first(desk: Desk) -> None:
    line = desk.house.line
    async with desk.house.person("101") as agent:
        await line.api.send("POST", "/agents/101/calls", {"number": WANG})
        own = await agent.rung()
        assert desk.outside.empty(), "the customer is not called before he has answered"
        await own.answer()
        desk.house.speak(own, AGENT_HZ)
        rung = await asyncio.wait_for(desk.outside.get(), 5)
        await rung.answer()
        desk.house.speak(rung, CALLER_HZ)
        await asyncio.gather(hears(own, "caller"), hears(rung, "agent"))
        rung.hang_up()
        await asyncio.wait_for(own.ended, 5)
        await desk.house.until(LINE, "call.ended")
        await desk.house.until_agent("101", "available")
    calls = await _listed(desk, WHOLE[1:])
    assert [(call["agent"], call["reason"], call["ended_by"]) for call in calls[:1]] == [("101", "normal", "caller")]


async def test_he_hears_what_the_network_says_before_anybody_answers(desk: Desk) -> None:
    """That the phone is switched off, say; where he has dialled, and where he has asked for it on his page."""
    async with desk.house.person("101") as agent:
        talk = await agent.phone.dial(WANG)
        rung = await asyncio.wait_for(desk.outside.get(), 5)
        desk.carrier.speak_early(rung)
        desk.house.speak(rung, CALLER_HZ)
        await hears(talk, "caller")
        assert not talk.decided.is_set(), "it is not answered"
        desk.house.speak(talk, AGENT_HZ)
        await hears(rung, "agent")
        rung.refuse(404)
        assert await asyncio.wait_for(talk.ended, 5) == 404
        await desk.house.until_agent("101", "available")
        await desk.house.line.api.send("POST", "/agents/101/calls", {"number": WANG})
        own = await agent.rung()
        await own.answer()
        rung = await asyncio.wait_for(desk.outside.get(), 5)
        desk.carrier.speak_early(rung)
        desk.house.speak(rung, CALLER_HZ)
        await hears(own, "caller")
        assert desk.house.facts(LINE, "call.answered") == []
        await rung.answer()
        await desk.house.until(LINE, "talk.started", agent="101")
        desk.house.speak(own, AGENT_HZ)
        await asyncio.gather(hears(own, "caller"), hears(rung, "agent"))
        own.hang_up()
        await asyncio.wait_for(rung.ended, 5)
        await desk.house.until_agent("101", "available")


async def test_codes_change_his_state_and_are_heard(desk: Desk) -> None:
    async with desk.house.person("101") as agent:
        for code, heard, state in (
            ("*522", ("beep", "d2"), "paused"),
            ("*53", ("beep",), "available"),
            ("*54", ("beep",), "offline"),
            ("*51", ("beep",), "available"),
            ("*99", ("invalid_input",), "available"),
        ):
            call = await agent.phone.call(code)
            await hears(call, *heard)
            await asyncio.wait_for(call.ended, 5)
            now = await desk.house.until_agent("101", state)
            assert now["reason"] == ("用餐" if state == "paused" else "")
        used = [event["data"] for event in desk.house.events if event["name"] == "feature.used"]
        assert [cast("Json", data)["outcome"] for data in used] == ["done"] * 4 + ["wrong"]


def _hears_both(call: PhoneCall) -> bool:
    """Whether both tones are in the last half second."""
    packets = call.voice.heard[-25:]
    if not packets:
        return False
    samples = np.concatenate(packets)
    return all(share_of_tone(samples, hz) > 0.2 for hz in (CALLER_HZ, AGENT_HZ))


async def test_a_supervisor_listens_by_code_and_is_not_heard(desk: Desk) -> None:
    async with desk.house.person("102") as agent, desk.house.person("101", ready=False) as chief:
        await chief.phone.register()
        caller = desk.house.caller()
        await desk.house.line.set_agent("101", "offline")  # or the call would be his
        call = await desk.carrier.call(LINE, caller)
        desk.house.speak(call, CALLER_HZ)
        talk = await agent.takes()
        await desk.house.until(caller, "talk.started", agent="102")
        listening = await chief.phone.call("*56102")
        await desk.house.until(caller, "supervision.started", supervisor="101", by="admin", mode="listen", agent="102")
        await asyncio.gather(hears(call, "agent"), hears(talk, "caller"))
        async with asyncio.timeout(5):
            while not _hears_both(listening):  # noqa: ASYNC110 - hearing is no event
                await asyncio.sleep(0.05)
        listening.hang_up()
        await desk.house.until(caller, "supervision.ended", reason="hung_up")
        call.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")
