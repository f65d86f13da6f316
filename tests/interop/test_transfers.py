"""Real phones pass calls on: SIPp and baresip transfer blind and attended through a served line; tones say who hears
whom afterwards, and the log tells what happened. Two media workers: a caller and whom his agent consults may be on
either.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from core.audio import Pcm
from service.demo.softphone import PhoneCall
from telephony.media.codecs import codec_named
from tests.interop.handset import Handset
from tests.interop.house import AGENT_HZ, CALLER_HZ, House, hears, write_prompts
from tests.interop.line import CARRIER, HOST, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.interop.sipp_text import expand
from tests.interop.sound import channels, share_of_tone, tone, write_mono
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
PHONE_HZ = 1000.0
"""What the phones say that transfer."""
TALK_MS = 700
NOBODY = "127.0.0.7"
"""Where the first trunk of the group would be."""
QUEUES = {
    "blind": "201",
    "fails": "202",
    "leaves": "203",
    "attended": "204",
    "baresip": "205",
    "abroad": "206",
    "parks": "207",
}
FIXED = ("201", "202", "203", "206", "207")
"""Phones that do not register: SIPp at a port of its own."""
COLLEAGUES = ("301", "302", "303", "304", "305", "306", "307")


@dataclass
class Desk:
    house: House
    carrier: Handset
    ports: dict[str, int]
    folder: Path
    speech: Path
    outside: "asyncio.Queue[PhoneCall]"
    """Calls that the line makes by its trunk."""


def _settings(ports: dict[str, int], carrier: int) -> tuple[str, dict[str, str]]:
    agents = "".join(
        f'[[agent]]\nid = "{agent}"\n'
        + (f'address = "sip:{agent}@{HOST}:{ports[agent]}"\n' if agent in FIXED else f'password = "phone-{agent}"\n')
        for agent in (*QUEUES.values(), *COLLEAGUES)
    )
    queues = "".join(
        f'[[queue]]\nname = "{name}"\nagents = ["{agent}"]\nwrap_up_s = 0\nannounce_every_s = 60\n'
        for name, agent in QUEUES.items()
    )
    numbers = {name: f"400802{count:04d}" for count, name in enumerate(QUEUES)}
    numbers["direct"] = "4008029999"
    called = "".join(
        f'[[number]]\nnumber = "{number}"\nto = "{"agent:306" if name == "direct" else f"queue:{name}"}"\n'
        for name, number in numbers.items()
    )
    trunks = f'[[trunk]]\nname = "dead"\nhost = "{NOBODY}"\nport = {free_port(NOBODY)}\noptions_s = 0\n'
    trunks += f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {carrier}\n'
    trunks += '[[trunk_group]]\nname = "outside"\ntrunks = ["dead", "carrier"]\n[transfer]\ntrunk = "outside"\n'
    return trunks + agents + queues + called, numbers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("transfers")
    prompts = write_prompts(folder / "prompts")
    ports = {agent: free_port() for agent in QUEUES.values()}
    carrier_port = free_port(CARRIER)
    more, numbers = _settings(ports, carrier_port)
    speech = folder / "speech.ulaw"
    speech.write_bytes(codec_named("PCMU").encode(tone(PHONE_HZ, 1.0).astype(np.int16)))
    quiet = "phone_options_s = 0\n"  # SIPp knows only what its scenario says
    async with serving(folder, more, top=f'prompts = "{prompts}"\n', sip_keys=quiet, media_workers=2) as line:
        house = House(line, numbers)
        following = asyncio.create_task(house.follow())
        outside: asyncio.Queue[PhoneCall] = asyncio.Queue()
        async with house.carrier(carrier_port, on_call=outside.put_nowait) as carrier:
            await asyncio.sleep(0.3)  # until the events flow
            yield Desk(house, carrier, ports, folder, speech, outside)
        following.cancel()


def _phone(desk: Desk, scenario: str, agent: str, to: str, *, calls_us: bool = False) -> Sipp:
    """SIPp as the phone of ``agent``, which transfers ``to``, or which ``calls_us``."""
    server = desk.house.server
    values = {
        "SPEECH": desk.speech, "TALK_MS": TALK_MS, "TO": to, "USER": agent, "SERVER": f"{server.host}:{server.port}",
        "HOST": server.host,
    }  # fmt: skip
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    if "<?served" in text:
        text = expand(text)
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    path = desk.folder / f"{scenario}-{agent}.xml"
    path.write_text(text)
    return Sipp(
        path,
        "UDP",
        calls=1,
        port=desk.ports[agent],
        remote=server if calls_us else None,
        options=() if calls_us else ("-auth_uri", f"{to}@{server.host}:{server.port}"),
    )


async def _talk_on(call: PhoneCall, packets: int = 40) -> None:
    """Until so many more packets have come: 0.8 s of talk, for the recording to hold."""
    enough = len(call.voice.heard) + packets
    async with asyncio.timeout(10):
        while len(call.voice.heard) < enough:  # noqa: ASYNC110 - hearing is no event
            await asyncio.sleep(0.05)


def _talks(desk: Desk, caller: str) -> list[str]:
    """What the log says of the caller's talks, in order."""
    facts = [fact for fact in desk.house.facts(caller) if str(fact["name"]).startswith("talk.")]
    return [f"{str(fact['name']).removeprefix('talk.')} {fact['agent']}" for fact in facts]


def _spoken(samples: Pcm) -> list[float]:
    """Which of the two tones of agents there are, in the order in which they come."""
    heard: list[float] = []
    for start in range(0, len(samples) - 800, 400):
        for hz in (PHONE_HZ, AGENT_HZ):
            if share_of_tone(samples[start : start + 800], hz) > 0.8 and hz not in heard[-1:]:
                heard.append(hz)
    return heard


async def _call(desk: Desk, queue: str) -> tuple[PhoneCall, str]:
    """A caller in ``queue`` who is answered, speaks, and hears the phone that will transfer him."""
    caller = desk.house.caller()
    call = await desk.carrier.call(desk.house.numbers[queue], caller)
    desk.house.speak(call, CALLER_HZ)
    return call, caller


async def test_sipp_transfers_blind_and_the_caller_talks_on_with_a_colleague(desk: Desk) -> None:
    async with (
        desk.house.person("301", ready=False) as colleague,
        _phone(desk, "uas_transfers_blind", "201", "301") as phone,
    ):
        await colleague.phone.register()
        await phone.listening()
        await desk.house.line.set_agent("201", "available")
        call, caller = await _call(desk, "blind")
        await desk.house.until(caller, "transfer.started", kind="blind", by="201", to="301")
        answered = await colleague.takes()
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        await _talk_on(call)
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        await desk.house.until(caller, "transfer.completed", kind="blind", by="201", to="301", agent="301")
        answered.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        recorded = await desk.house.until(caller, "recording.finished")
    assert _talks(desk, caller) == ["started 201", "held 201", "ended 201", "started 301", "ended 301"]
    left, right = channels(desk.house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    assert _spoken(right) == [PHONE_HZ, AGENT_HZ], "first the one who transferred, then the one who took over"


async def test_nobody_takes_it_and_the_caller_is_back_with_who_transferred(desk: Desk) -> None:
    async with (
        desk.house.person("302", ready=False) as colleague,
        _phone(desk, "uas_transfer_fails", "202", "302") as phone,
    ):
        await colleague.phone.register()
        await phone.listening()
        await desk.house.line.set_agent("202", "available")
        call, caller = await _call(desk, "fails")
        (await colleague.rung()).refuse(486)
        await desk.house.until(caller, "transfer.failed", kind="blind", by="202", to="302", reason="busy")
        await desk.house.until(caller, "talk.resumed", agent="202")
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        assert share_of_tone(call.voice.heard_samples()[-3200:], PHONE_HZ) > 0.8, "he hears him again"
        assert _talks(desk, caller) == ["started 202", "held 202", "resumed 202", "ended 202"]


async def test_a_phone_that_hangs_up_at_once_leaves_the_caller_with_the_colleague(desk: Desk) -> None:
    async with (
        desk.house.person("303", ready=False) as colleague,
        _phone(desk, "uas_transfers_and_goes", "203", "303") as phone,
    ):
        await colleague.phone.register()
        await phone.listening()
        await desk.house.line.set_agent("203", "available")
        call, caller = await _call(desk, "leaves")
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        answered = await colleague.takes()
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        call.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")


async def test_sipp_consults_a_colleague_and_connects_him_with_the_caller(desk: Desk) -> None:
    """asterisk#759: events were missing after an attended transfer; FreePBX#124: it inflated talk time."""
    async with desk.house.person("304", ready=False) as colleague:
        await colleague.phone.register()
        async with _phone(desk, "uac_registers_agent", "204", "", calls_us=True) as registers:
            assert (await registers.done()).successful == 1
        async with _phone(desk, "uas_transfers_attended", "204", "304") as phone:
            await phone.listening()
            await desk.house.line.set_agent("204", "available")
            call, caller = await _call(desk, "attended")
            answered = await colleague.takes()  # the consultation
            await desk.house.until(caller, "talk.held", agent="204")
            await desk.house.until(caller, "transfer.completed", kind="attended", by="204", to="304", agent="304")
            await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
            await _talk_on(call)
            outcome = await phone.done()
            assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
            answered.hang_up()
            await desk.house.until(caller, "call.ended", reason="normal", by="agent")
            recorded = await desk.house.until(caller, "recording.finished")
        talks = _talks(desk, caller)
        assert [talk for talk in talks if "held" not in talk] == [
            "started 204", "ended 204", "started 304", "ended 304",
        ]  # fmt: skip
        left, right = channels(desk.house.recording(recorded))
        assert share_of_tone(left, CALLER_HZ) > 0.9
        assert _spoken(right) == [PHONE_HZ, AGENT_HZ]


async def test_baresip_transfers_blind(desk: Desk) -> None:
    need_baresip()
    says = write_mono(desk.folder / "baresip.wav", tone(PHONE_HZ, 30))
    phone = Baresip(desk.folder / "baresip", desk.house.server.port, "205", "phone-205", says)
    async with desk.house.person("305", ready=False) as colleague:
        await colleague.phone.register()
        await phone.start()
        try:
            await desk.house.line.set_agent("205", "available")
            await desk.house.until_agent("205", "available", timeout_s=15)
            call, caller = await _call(desk, "baresip")
            await desk.house.until(caller, "talk.started", agent="205")
            await phone.command("transfer", f"sip:305@{HOST}:{desk.house.server.port}")
            answered = await colleague.takes()
            await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
            await desk.house.until(caller, "transfer.completed", kind="blind", by="205", to="305", agent="305")
            await desk.house.until_agent("205", "available", timeout_s=15)  # it has hung up
            call.hang_up()
            await desk.house.until(caller, "call.ended", reason="normal", by="caller")
        finally:
            await phone.stop()


async def test_the_carrier_moves_the_caller_to_another_of_his_phones(desk: Desk) -> None:
    async with desk.house.person("306", ready=False) as agent:
        await agent.phone.register()
        caller = desk.house.caller()
        first = await desk.carrier.dial(desk.house.numbers["direct"], caller)
        answered = await agent.takes()
        await hears(first, "agent")
        second = await desk.carrier.replace(first, caller)
        await asyncio.wait_for(first.ended, 3)
        desk.house.speak(second, CALLER_HZ)
        await asyncio.gather(hears(second, "agent"), hears(answered, "caller"))
        await desk.house.until(caller, "leg.replaced")
        second.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")
        assert _talks(desk, caller) == ["started 306", "ended 306"], "nobody noticed"


async def test_a_caller_is_parked_by_refer_and_taken_by_a_colleague_who_dials_the_slot(desk: Desk) -> None:
    async with (
        desk.house.person("307", ready=False) as colleague,
        _phone(desk, "uas_transfers_blind", "207", "*57") as phone,
    ):
        await colleague.phone.register()
        await phone.listening()
        await desk.house.line.set_agent("207", "available")
        call, caller = await _call(desk, "parks")
        await desk.house.until(caller, "call.parked", slot="1", by="207")  # the first that is free
        await hears(call, "hold_music")
        taken = await colleague.phone.call("*571")
        desk.house.speak(taken, AGENT_HZ)
        await asyncio.gather(hears(call, "agent"), hears(taken, "caller"))
        await desk.house.until(caller, "park.ended", how="taken", agent="307")
        await _talk_on(call)
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        taken.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        recorded = await desk.house.until(caller, "recording.finished")
    assert _talks(desk, caller) == ["started 207", "ended 207", "started 307", "ended 307"]
    assert len(desk.house.facts(caller, "recording.started")) == 1
    left, right = channels(desk.house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    assert _spoken(right) == [PHONE_HZ, AGENT_HZ]


async def test_a_number_abroad_is_refused_and_one_in_the_country_is_called(desk: Desk) -> None:
    async with _phone(desk, "transfer_abroad_is_403", "206", "") as phone:
        await phone.listening()
        await desk.house.line.set_agent("206", "available")
        call, caller = await _call(desk, "abroad")
        refused = await desk.house.until(caller, "security.call_refused")
        assert refused == {
            "name": "security.call_refused", "by": "206", "number": "+131****1234", "why": "abroad", "times": 1,
        }  # fmt: skip
        rung = await asyncio.wait_for(desk.outside.get(), 10)
        assert rung.number == "13800138000", "it is dialled as it was judged"
        assert [text for text in desk.house.line.output if "trunk dead took no call" in text], "the first of its group"
        await rung.answer()
        desk.house.speak(rung, AGENT_HZ)
        await hears(call, "agent")
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        rung.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        assert [fact["to"] for fact in desk.house.facts(caller, "transfer.started")] == ["008613800138000"]
