"""Queues on the wire: all phones of a group ring and one wins; a caller is led to his agent of last time, and has his
place again; menus say who goes first. Served, with real phones over SIP.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import pytest
import pytest_asyncio

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, serving
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
AGENTS = ("101", "102", "103")
GROUP, OWN = "4008001111", "4008002222"
WANG, LI, ZHAO = "13800138000", "13900139000", "13600136000"


def settings(carrier_port: int) -> str:
    agents = "".join(f'[[agent]]\nid = "{name}"\npassword = "phone-{name}"\n' for name in AGENTS)
    return f"""
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {carrier_port}
{agents}
[[queue]]
name = "group"
agents = ["*"]
strategy = "ring-all"
wrap_up_s = 0
ring_timeout_s = 30
[[queue]]
name = "own"
agents = ["*"]
strategy = "linear"
wrap_up_s = 0
sticky_days = 30
sticky_wait_s = 30
ring_timeout_s = 30
[[number]]
number = "{GROUP}"
to = "queue:group"
[[number]]
number = "{OWN}"
to = "queue:own"
"""


class AgentPhone(Softphone):
    """Keeps who calls, and how the line gives up ringing."""

    def __init__(self, line: Line, user: str) -> None:
        self.ringing: asyncio.Queue[PhoneCall] = asyncio.Queue()
        server = Hop("UDP", HOST, line.sip)
        super().__init__(SystemClock(), server, user, f"phone-{user}", self.ringing.put_nowait)
        self._tracer = self.stack._endpoint._agent.tracer
        self._tracer.start()

    @property
    def cancels(self) -> list[bytes]:
        return [item.data for item in self._tracer.messages() if item.data.startswith(b"CANCEL ")]

    async def rings(self) -> PhoneCall:
        return await asyncio.wait_for(self.ringing.get(), 15)


@dataclass
class Centre:
    """A line with its carrier and three agents. ``before`` calls were over when the test began."""

    line: Line
    carrier: Softphone
    phones: dict[str, AgentPhone]
    before: int = 0

    async def all_ready(self) -> None:
        self.before = len(await self.line.calls())
        for name in AGENTS:
            await self.line.set_agent(name, "available")
        for name in AGENTS:
            await self.line.until_agent(name, "available")

    async def pause(self, *names: str) -> None:
        for name in names:
            await self.line.set_agent(name, "paused", "tea")
            await self.line.until_agent(name, "paused")

    async def until_ended(self, count: int) -> list[Json]:
        """So many calls of this test are over; newest first."""
        calls = await self.line.until_calls_ended(self.before + count)
        return calls[: len(calls) - self.before]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    carrier_port = free_port(CARRIER)
    folder = tmp_path_factory.mktemp("groups")
    async with serving(folder, settings(carrier_port)) as line, contextlib.AsyncExitStack() as exits:
        listen = Hop("UDP", CARRIER, carrier_port)
        carrier = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=listen)
        phones = {name: AgentPhone(line, name) for name in AGENTS}
        for phone in (carrier, *phones.values()):
            await phone.start()
            exits.push_async_callback(phone.close)
        for phone in phones.values():
            await phone.register()
        yield Centre(line, carrier, phones)


@pytest_asyncio.fixture(loop_scope="module")
async def centre(served: Centre) -> Centre:
    """With all three agents on duty."""
    await served.all_ready()
    return served


async def offers(line: Line, call: Json) -> list[tuple[str, str]]:
    """Who was rung for the call, and how that ended."""
    events = cast("list[Json]", (await line.call(call["id"]))["events"])
    ended = [cast("Json", event["data"]) for event in events if event["name"] == "offer.ended"]
    return sorted((str(one["agent"]), str(one["result"])) for one in ended)


async def test_all_phones_ring_the_first_answer_wins_and_the_others_fall_silent(centre: Centre) -> None:
    line, carrier, phones = centre.line, centre.carrier, centre.phones
    call = await carrier.call(GROUP, WANG)
    ringing = {name: await phone.rings() for name, phone in phones.items()}
    ringing["103"].refuse(486)
    await ringing["102"].answer()
    await asyncio.wait_for(ringing["101"].ended, 10)
    await line.until_agent("102", "talking")
    await line.until_agent("101", "available")
    await line.until_agent("103", "available")
    (cancel,) = phones["101"].cancels
    assert b"cause=200" in cancel, "the phone shows no missed call (RFC 3326)"
    assert not ringing["102"].ended.done()
    async with asyncio.timeout(10):
        while not call.voice.heard:  # noqa: ASYNC110 - hearing is no event
            await asyncio.sleep(0.05)
    call.hang_up()
    (ended,) = await centre.until_ended(1)
    assert (ended["outcome"], ended["agent"]) == ("answered", "102")
    assert await offers(line, ended) == [("101", "withdrawn"), ("102", "accepted"), ("103", "refused")]


async def test_two_answer_at_once_and_one_of_them_has_the_call(centre: Centre) -> None:
    """asterisk#176: two agents won one call."""
    line, carrier, phones = centre.line, centre.carrier, centre.phones
    call = await carrier.call(GROUP, WANG)
    ringing = [await phone.rings() for phone in phones.values()]
    await asyncio.gather(*(one.answer() for one in ringing))
    async with asyncio.timeout(15):
        while sum(one.ended.done() for one in ringing) < 2:  # noqa: ASYNC110 - any two of three
            await asyncio.sleep(0.05)
    assert sum(not one.ended.done() for one in ringing) == 1
    assert not call.ended.done()
    call.hang_up()
    (ended,) = await centre.until_ended(1)
    assert sorted(result for _, result in await offers(line, ended)) == ["accepted", "withdrawn", "withdrawn"]


async def test_a_caller_is_led_to_his_agent_and_waits_for_him(centre: Centre) -> None:
    line, carrier, phones = centre.line, centre.carrier, centre.phones
    await centre.pause("101")
    first = await carrier.call(OWN, WANG)
    await (await phones["102"].rings()).answer()
    await line.until_agent("102", "talking")
    first.hang_up()
    await centre.until_ended(1)
    await line.set_agent("101", "available")
    await line.until_agent("102", "available")
    await line.until_agent("101", "available")

    stranger = await carrier.call(OWN, LI)  # the list begins with 101
    await (await phones["101"].rings()).answer()
    again = await carrier.call(OWN, WANG)
    his = await phones["102"].rings()
    await his.answer()
    await line.until_agent("102", "talking")
    assert phones["103"].ringing.empty()

    # And while 102 talks with him on one line, a second call of his waits for 102, though 103 is free.
    third = await carrier.call(OWN, WANG)
    await _until_waiting(line, "own", 1)
    assert phones["103"].ringing.empty()
    again.hang_up()
    await phones["102"].rings()
    for call in (third, stranger):
        call.hang_up()
    await centre.until_ended(4)


async def test_who_hung_up_and_calls_again_has_his_place(centre: Centre) -> None:
    line, carrier, phones = centre.line, centre.carrier, centre.phones
    await centre.pause("102", "103")
    busy = await carrier.call(OWN, "13700137000")
    await (await phones["101"].rings()).answer()
    await line.until_agent("101", "talking")
    gave_up = await carrier.call(OWN, ZHAO)
    await _until_waiting(line, "own", 1)
    behind = await carrier.call(OWN, LI)
    await _until_waiting(line, "own", 2)
    gave_up.hang_up()
    await centre.until_ended(1)
    again = await carrier.call(OWN, ZHAO)
    await _until_waiting(line, "own", 2)
    busy.hang_up()
    await (await phones["101"].rings()).answer()
    await _until_waiting(line, "own", 1)
    behind.hang_up()
    await centre.until_ended(3)
    again.hang_up()
    last, left, *_ = await centre.until_ended(4)
    assert (last["outcome"], last["agent"]) == ("answered", "101"), "he had come first, and was served first"
    assert left["outcome"] == "abandoned"


async def _waiting(line: Line, queue: str) -> list[Json]:
    board = cast("Json", await line.api.get("/live"))
    queues = cast("list[Json]", board["queues"])
    (found,) = [one for one in queues if one["id"] == queue]
    return cast("list[Json]", found["waiting"])


async def _until_waiting(line: Line, queue: str, count: int) -> None:
    """Until so many wait for whom no phone rings."""
    async with asyncio.timeout(15):
        while [one["ringing"] for one in await _waiting(line, queue)].count("") != count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
