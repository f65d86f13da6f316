"""Three real phones through a served line: an agent asks a colleague while his caller hears music, joins all three, and
leaves; or he comes back. And he parks a caller, who is taken back by a code or from the page. Everybody says a tone.
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
from tests.interop.house import AGENT_HZ, CALLER_HZ, PROMPTS, House, Person, write_prompts
from tests.interop.line import CARRIER, Json, serving
from tests.interop.sound import channels, share_of_tone
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
COLLEAGUE, COLLEAGUE_HZ = "301", 2200.0
VOICES = {"caller": CALLER_HZ, "agent": AGENT_HZ, "colleague": COLLEAGUE_HZ, "music": PROMPTS["hold_music"]}
QUEUES = {"leaves": "201", "returns": "202", "parks": "203"}
TALKS = {"caller": "agent", "agent": "caller"}
ASIDE = {"caller": "music", "agent": "colleague", "colleague": "agent"}


@dataclass
class Desk:
    house: House
    carrier: Handset
    outside: "asyncio.Queue[PhoneCall]"
    """Calls that the line makes by its trunk."""

    async def ask(self, caller: str, what: str, body: Json | None = None, method: str = "POST") -> None:
        """As the page of a supervisor asks for it."""
        await self.house.line.api.send(method, f"/calls/{self.house.call_of(caller)}/{what}", body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("consulting")
    prompts, port = write_prompts(folder / "prompts"), free_port(CARRIER)
    numbers = {name: f"400804{count:04d}" for count, name in enumerate(QUEUES)}
    more = f'[transfer]\ntrunk = "carrier"\n[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {port}\n'
    for agent in (*QUEUES.values(), COLLEAGUE):
        more += f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n'
    for name, agent in QUEUES.items():
        more += f'[[queue]]\nname = "{name}"\nagents = ["{agent}"]\nwrap_up_s = 0\nannounce_every_s = 60\n'
        more += f'[[number]]\nnumber = "{numbers[name]}"\nto = "queue:{name}"\n'
    async with serving(folder, more, top=f'prompts = "{prompts}"\n', media_workers=2) as line:
        await line.give_admin_phone(COLLEAGUE)
        house = House(line, numbers)
        following = asyncio.create_task(house.follow())
        outside: asyncio.Queue[PhoneCall] = asyncio.Queue()
        async with house.carrier(port, on_call=outside.put_nowait) as carrier:
            await asyncio.sleep(0.3)  # until the events flow
            yield Desk(house, carrier, outside)
        following.cancel()


async def _talk(desk: Desk, queue: str, agent: Person) -> tuple[dict[str, PhoneCall], str]:
    """A caller of ``queue`` who talks with the agent; both speak, and hear each other."""
    caller = desk.house.caller()
    call = await desk.carrier.call(desk.house.numbers[queue], caller)
    desk.house.speak(call, CALLER_HZ)
    calls = {"caller": call, "agent": await agent.takes()}
    await desk.house.until(caller, "talk.started", agent=agent.id)
    await until_heard(calls, TALKS, VOICES)
    return calls, caller


def _talks(desk: Desk, caller: str) -> list[str]:
    facts = [fact for fact in desk.house.facts(caller) if str(fact["name"]) in ("talk.started", "talk.ended")]
    return [f"{str(fact['name']).removeprefix('talk.')} {fact['agent']}" for fact in facts]


async def test_he_asks_a_colleague_all_three_talk_and_he_leaves_the_two_to_each_other(desk: Desk) -> None:
    house = desk.house
    async with house.person("201") as agent, house.person(COLLEAGUE, ready=False) as colleague:
        await colleague.phone.register()
        calls, caller = await _talk(desk, "leaves", agent)
        await desk.ask(caller, "consult", {"to": COLLEAGUE})
        calls["colleague"] = await colleague.takes(COLLEAGUE_HZ)
        await house.until(caller, "consult.answered", agent="201", to=COLLEAGUE)
        await until_heard(calls, ASIDE, VOICES)
        with pytest.raises(Unavailable, match="409"):
            await desk.ask(caller, "consult", {"to": "203"})  # one at a time
        await desk.ask(caller, "consult/join")
        together = {"caller": "agent colleague", "agent": "caller colleague", "colleague": "caller agent"}
        await until_heard(calls, together, VOICES)
        calls.pop("agent").hang_up()
        await house.until(caller, "consult.ended", reason="transferred", to=COLLEAGUE)
        await house.until(caller, "transfer.completed", kind="attended", to=COLLEAGUE, agent=COLLEAGUE)
        await until_heard(calls, {"caller": "colleague", "colleague": "caller"}, VOICES)
        await house.until_agent("201", "available")
        calls["colleague"].hang_up()
        await asyncio.wait_for(calls["caller"].ended, 5)
        await house.until(caller, "call.ended", reason="normal", by="agent")
        recorded = await house.until(caller, "recording.finished")
    assert _talks(desk, caller) == ["started 201", "ended 201", f"started {COLLEAGUE}", f"ended {COLLEAGUE}"]
    assert len(house.facts(caller, "recording.started")) == 1, "it went on"
    left, right = channels(house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    assert share_of_tone(right[-3200:], COLLEAGUE_HZ) > 0.8, "at the end the colleague talks"


async def test_he_comes_back_and_passes_the_caller_on_the_next_time(desk: Desk) -> None:
    house = desk.house
    async with house.person("202") as agent, house.person(COLLEAGUE, ready=False) as colleague:
        await colleague.phone.register()
        calls, caller = await _talk(desk, "returns", agent)
        await desk.ask(caller, "consult", {"to": COLLEAGUE})
        asked = await colleague.takes(COLLEAGUE_HZ)
        await until_heard({**calls, "colleague": asked}, ASIDE, VOICES)
        await desk.ask(caller, "consult", method="DELETE")
        await asyncio.wait_for(asked.ended, 5)
        await house.until(caller, "consult.ended", reason="returned")
        await until_heard(calls, TALKS, VOICES)
        await desk.ask(caller, "consult", {"to": COLLEAGUE})
        calls["colleague"] = await colleague.takes(COLLEAGUE_HZ)
        await until_heard(calls, ASIDE, VOICES)
        await desk.ask(caller, "consult/complete")
        await asyncio.wait_for(calls.pop("agent").ended, 5)
        await until_heard(calls, {"caller": "colleague", "colleague": "caller"}, VOICES)
        calls["caller"].hang_up()
        await asyncio.wait_for(calls["colleague"].ended, 5)
        await house.until(caller, "call.ended", reason="normal", by="caller")


async def test_he_hears_what_the_network_says_of_a_number_outside(desk: Desk) -> None:
    house = desk.house
    async with house.person("201") as agent:
        calls, caller = await _talk(desk, "leaves", agent)
        await desk.ask(caller, "consult", {"to": "13900139000"})
        rung = calls["colleague"] = await asyncio.wait_for(desk.outside.get(), 5)
        desk.carrier.speak_early(rung)
        house.speak(rung, COLLEAGUE_HZ)
        await until_heard(calls, ASIDE, VOICES)
        assert house.facts(caller, "consult.answered") == [], "it is not answered"
        calls.pop("colleague").refuse(404)
        await house.until(caller, "consult.ended", reason="not_found")
        await until_heard(calls, TALKS, VOICES)
        calls["caller"].hang_up()
        await house.until(caller, "call.ended", reason="normal")


async def test_a_parked_caller_is_taken_back_by_the_code_and_then_by_a_colleague_from_the_page(desk: Desk) -> None:
    house = desk.house
    async with house.person("203") as agent, house.person(COLLEAGUE, ready=False) as colleague:
        await colleague.phone.register()
        calls, caller = await _talk(desk, "parks", agent)
        await desk.ask(caller, "park", {})
        await asyncio.wait_for(calls.pop("agent").ended, 5)
        await house.until(caller, "call.parked", slot="1", by="203")
        await until_heard(calls, {"caller": "music"}, VOICES)
        calls["agent"] = await agent.phone.call("*57")  # the one that stands longest
        house.speak(calls["agent"], AGENT_HZ)
        await house.until(caller, "park.ended", slot="1", how="taken", agent="203")
        await until_heard(calls, TALKS, VOICES)
        await desk.ask(caller, "park", {"slot": "2"})
        await asyncio.wait_for(calls.pop("agent").ended, 5)
        await house.until(caller, "call.parked", slot="2")
        await desk.ask(caller, "take")
        calls["colleague"] = await colleague.takes(COLLEAGUE_HZ)
        await until_heard(calls, {"caller": "colleague", "colleague": "caller"}, VOICES)
        await house.until(caller, "park.ended", slot="2", how="taken", agent=COLLEAGUE)
        calls["colleague"].hang_up()
        await house.until(caller, "call.ended", reason="normal", by="agent")
    again = ["started 203", "ended 203"]
    assert _talks(desk, caller) == [*again, *again, f"started {COLLEAGUE}", f"ended {COLLEAGUE}"]
