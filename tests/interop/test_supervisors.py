"""Three real phones through a served line: a caller, his agent, and a supervisor at a phone of his own. Each says a
tone; what each hears says that listen, whisper, barge in and take over are what they are called.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from core.errors import Unavailable
from service.demo.softphone import PhoneCall
from tests.interop.handset import Handset
from tests.interop.hearing import until_heard
from tests.interop.house import AGENT_HZ, CALLER_HZ, House, Person, write_prompts
from tests.interop.line import CARRIER, Json, serving
from tests.interop.sound import channels, share_of_tone
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
CHIEF, CHIEF_HZ = "901", 1300.0
VOICES = {"caller": CALLER_HZ, "agent": AGENT_HZ, "chief": CHIEF_HZ}
QUEUES = {"modes": "201", "ends": "202", "takes": "203", "passes": "204"}


@dataclass
class Desk:
    house: House
    carrier: Handset


def _settings(carrier: int) -> tuple[str, dict[str, str]]:
    agents = "".join(f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n' for agent in (*QUEUES.values(), CHIEF))
    queues = "".join(
        f'[[queue]]\nname = "{name}"\nagents = ["{agent}"]\nwrap_up_s = 0\nannounce_every_s = 60\n'
        for name, agent in QUEUES.items()
    )
    numbers = {name: f"400803{count:04d}" for count, name in enumerate(QUEUES)}
    called = "".join(f'[[number]]\nnumber = "{number}"\nto = "queue:{name}"\n' for name, number in numbers.items())
    return f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {carrier}\n' + agents + queues + called, numbers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("supervisors")
    prompts = write_prompts(folder / "prompts")
    carrier_port = free_port(CARRIER)
    more, numbers = _settings(carrier_port)
    async with serving(folder, more, top=f'prompts = "{prompts}"\n', media_workers=2) as line:
        await line.give_admin_phone(CHIEF)
        house = House(line, numbers)
        following = asyncio.create_task(house.follow())
        async with house.carrier(carrier_port) as carrier:
            await asyncio.sleep(0.3)  # until the events flow
            yield Desk(house, carrier)
        following.cancel()


async def _until_heard(calls: dict[str, PhoneCall], wanted: dict[str, str]) -> None:
    await until_heard(calls, wanted, VOICES)


async def _talk(desk: Desk, queue: str, agent: Person) -> tuple[dict[str, PhoneCall], str]:
    """A caller of ``queue`` who talks with the agent; both speak."""
    number = desk.house.caller()
    call = await desk.carrier.call(desk.house.numbers[queue], number)
    desk.house.speak(call, CALLER_HZ)
    calls = {"caller": call, "agent": await agent.takes()}
    await desk.house.until(number, "talk.started", agent=agent.id)
    return calls, number


async def _ask(desk: Desk, number: str, mode: str) -> None:
    await desk.house.line.api.send("POST", f"/calls/{desk.house.call_of(number)}/supervise", {"mode": mode})


async def _comes(desk: Desk, number: str, chief: Person, mode: str) -> PhoneCall:
    """The supervisor asks for the talk, answers his phone and speaks."""
    await _ask(desk, number, mode)
    call = await chief.rung()
    await call.answer()
    desk.house.speak(call, CHIEF_HZ)
    await desk.house.until(number, "supervision.started", supervisor=CHIEF, by="admin", mode=mode)
    return call


async def test_listen_whisper_and_barge_by_tones(desk: Desk) -> None:
    async with desk.house.person("201") as agent, desk.house.person(CHIEF, ready=False) as chief:
        await chief.phone.register()
        calls, number = await _talk(desk, "modes", agent)
        await _until_heard(calls, {"caller": "agent", "agent": "caller"})
        all_three = {**calls, "chief": await _comes(desk, number, chief, "listen")}
        await _until_heard(all_three, {"caller": "agent", "agent": "caller", "chief": "caller agent"})
        await _ask(desk, number, "whisper")
        await _until_heard(all_three, {"caller": "agent", "agent": "caller chief", "chief": "caller agent"})
        await _ask(desk, number, "barge")
        await _until_heard(all_three, {"caller": "agent chief", "agent": "caller chief", "chief": "caller agent"})
        all_three["chief"].voice.press("1")
        await _until_heard(all_three, {"caller": "agent", "agent": "caller", "chief": "caller agent"})
        await desk.house.until(number, "supervision.changed", mode="listen", by=CHIEF)
        live = await desk.house.line.api.get("/live")
        (shown,) = live["calls"]  # type: ignore[call-overload, index]
        assert shown["supervisors"] == [{"agent": CHIEF, "mode": "listen", "joined": True}]
        all_three["chief"].hang_up()
        await desk.house.until(number, "supervision.ended", reason="hung_up", supervisor=CHIEF, agent="201")
        await _until_heard(calls, {"caller": "agent", "agent": "caller"})
        calls["caller"].hang_up()
        await desk.house.until(number, "call.ended", reason="normal", by="caller")


async def test_the_agent_hangs_up_while_somebody_listens_and_all_are_free_at_once(desk: Desk) -> None:
    """asterisk#2134: the end of a call came two seconds late while somebody spied on it."""
    async with desk.house.person("202") as agent, desk.house.person(CHIEF, ready=False) as chief:
        await chief.phone.register()
        calls, number = await _talk(desk, "ends", agent)
        listens = await _comes(desk, number, chief, "listen")
        await _until_heard({**calls, "chief": listens}, {"caller": "agent", "agent": "caller", "chief": "caller agent"})
        calls["agent"].hang_up()
        async with asyncio.timeout(5):
            await asyncio.gather(calls["caller"].ended, listens.ended)
        await desk.house.until(number, "supervision.ended", reason="talk_over")
        await desk.house.until(number, "call.ended", reason="normal", by="agent")
        for leg in desk.house.facts(number, "leg.started"):
            await desk.house.until(number, "leg.ended", leg=leg["leg"])
        ended = [event for event in desk.house.events if event["call_id"] == desk.house.call_of(number)]
        moments = [float(str(event["at"])) for event in ended if event["name"] == "leg.ended"]
        assert len(moments) == 3 and max(moments) - min(moments) < 1.0
        with pytest.raises(Unavailable, match="409"):
            await _ask(desk, number, "listen")


async def test_take_over_drops_the_agent_and_the_recording_goes_on(desk: Desk) -> None:
    async with desk.house.person("203") as agent, desk.house.person(CHIEF, ready=False) as chief:
        await chief.phone.register()
        calls, number = await _talk(desk, "takes", agent)
        await _until_heard(calls, {"caller": "agent", "agent": "caller"})
        boss = await _comes(desk, number, chief, "whisper")
        await _ask(desk, number, "take_over")
        await asyncio.wait_for(calls["agent"].ended, 5)
        pair = {"caller": calls["caller"], "chief": boss}
        await _until_heard(pair, {"caller": "chief", "chief": "caller"})
        await desk.house.until(number, "supervision.ended", reason="took_over")
        ended: list[Json] = [fact for fact in desk.house.facts(number, "leg.ended") if fact["reason"] == "taken_over"]
        assert len(ended) == 1
        boss.hang_up()
        await desk.house.until(number, "call.ended", reason="normal", by="agent")
        recorded = await desk.house.until(number, "recording.finished")
    talks = [f"{fact['name']} {fact['agent']}" for fact in desk.house.facts(number) if str(fact["name"])[:5] == "talk."]
    assert talks == ["talk.started 203", "talk.ended 203", f"talk.started {CHIEF}", f"talk.ended {CHIEF}"]
    assert len(desk.house.facts(number, "recording.started")) == 1
    left, right = channels(desk.house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    spoken = [
        hz
        for start in range(0, len(right) - 800, 400)
        for hz in (AGENT_HZ, CHIEF_HZ)
        if share_of_tone(right[start : start + 800], hz) > 0.8
    ]
    assert spoken == sorted(spoken, key=(AGENT_HZ, CHIEF_HZ).index) and set(spoken) == {AGENT_HZ, CHIEF_HZ}, (
        "first the agent, then the supervisor; the whisper is not on it"
    )


async def test_who_whispers_stays_as_a_listener_with_the_caller_who_is_passed_on(desk: Desk) -> None:
    house = desk.house
    async with house.person("204") as agent, house.person("202") as second, house.person(CHIEF, ready=False) as chief:
        await chief.phone.register()
        calls, number = await _talk(desk, "passes", agent)
        boss = await _comes(desk, number, chief, "whisper")
        whispered = {"caller": "agent", "agent": "caller chief", "chief": "caller agent"}
        await _until_heard({**calls, "chief": boss}, whispered)
        await house.line.api.send("POST", f"/calls/{house.call_of(number)}/transfer", {"to": "202"})
        taken = await second.takes()
        await asyncio.wait_for(calls["agent"].ended, 5)
        await house.until(number, "supervision.changed", mode="listen", agent="202")
        after = {"caller": calls["caller"], "agent": taken, "chief": boss}
        await _until_heard(after, {"caller": "agent", "agent": "caller", "chief": "caller agent"})
        taken.hang_up()
        await asyncio.wait_for(boss.ended, 5)
        await house.until(number, "supervision.ended", reason="talk_over", agent="202")
        await house.until(number, "call.ended", reason="normal", by="agent")


async def test_a_waiting_caller_is_moved_and_then_pulled_to_the_supervisor(desk: Desk) -> None:
    """Nobody is on duty: he would wait for ever."""
    async with desk.house.person(CHIEF, ready=False) as chief:
        await chief.phone.register()
        number = desk.house.caller()
        call = await desk.carrier.call(desk.house.numbers["modes"], number)
        desk.house.speak(call, CALLER_HZ)
        await desk.house.until(number, "queue.entered", queue="modes")
        address = f"/calls/{desk.house.call_of(number)}"
        await desk.house.line.api.send("POST", f"{address}/queue", {"queue": "ends"})
        await desk.house.until(number, "queue.left", queue="modes", outcome="overflowed", why="moved")
        await desk.house.until(number, "queue.entered", queue="ends")
        await desk.house.line.api.send("POST", f"{address}/pull", {})
        taken = await chief.rung()
        await taken.answer()
        desk.house.speak(taken, CHIEF_HZ)
        await desk.house.until(number, "talk.started", agent=CHIEF, queue="ends")
        await desk.house.until(number, "queue.left", queue="ends", outcome="answered", agent=CHIEF)
        await _until_heard({"caller": call, "chief": taken}, {"caller": "chief", "chief": "caller"})
        taken.hang_up()
        await desk.house.until(number, "call.ended", reason="normal", by="agent")
    acts = await desk.house.line.api.get("/audit")
    names = [act["name"] for act in acts]  # type: ignore[attr-defined]
    assert names[:2] == ["waiting.pulled", "waiting.moved"] and "supervision.asked" in names
