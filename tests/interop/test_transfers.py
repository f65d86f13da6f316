"""Real phones pass calls on: SIPp and baresip transfer blind and attended through a served line; tones say who hears
whom afterwards, and the log tells what happened.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from service.demo.softphone import PhoneCall
from telephony.media.codecs import codec_named
from tests.interop.handset import Handset
from tests.interop.house import AGENT_HZ, CALLER_HZ, House, hears, write_prompts
from tests.interop.line import CARRIER, HOST, free_port, serving
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.interop.sound import channels, share_of_tone, tone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
PHONE_HZ = 1000.0
"""What the phones say that transfer."""
TALK_MS = 700
QUEUES = {
    "blind": "201", "fails": "202", "leaves": "203", "attended": "204", "baresip": "205", "onwards": "206",
    "outside": "207", "console": "208",
}  # fmt: skip
FIXED = ("201", "202", "203", "206", "207")
"""Phones that do not register: SIPp at a port of its own."""
COLLEAGUES = ("301", "302", "303", "304", "305", "308")


@dataclass
class Desk:
    house: House
    carrier: Handset
    ports: dict[str, int]
    folder: Path
    speech: Path


def _settings(ports: dict[str, int], carrier: int) -> tuple[str, dict[str, str]]:
    agents = "".join(
        f'[[agent]]\nid = "{agent}"\n'
        + (f'address = "sip:{agent}@{HOST}:{ports[agent]}"\n' if agent in FIXED else f'password = "phone-{agent}"\n')
        for agent in (*QUEUES.values(), *COLLEAGUES)
    )
    members = {**QUEUES, "sink": "306"}
    agents += '[[agent]]\nid = "306"\npassword = "phone-306"\n'
    queues = "".join(
        f'[[queue]]\nname = "{name}"\nagents = ["{agent}"]\nwrap_up_s = 0\nannounce_every_s = 60\n'
        for name, agent in members.items()
    )
    numbers = {name: f"400802{count:04d}" for count, name in enumerate(members)}
    called = "".join(f'[[number]]\nnumber = "{number}"\nto = "queue:{name}"\n' for name, number in numbers.items())
    trunk = f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {carrier}\n[transfer]\ntrunk = "carrier"\n'
    return trunk + agents + queues + called, numbers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("transfers")
    prompts = write_prompts(folder / "prompts")
    ports = {agent: free_port() for agent in QUEUES.values()}
    carrier_port = free_port(CARRIER)
    more, numbers = _settings(ports, carrier_port)
    speech = folder / "speech.ulaw"
    speech.write_bytes(codec_named("PCMU").encode(tone(PHONE_HZ, 1.0).astype(np.int16)))
    async with serving(folder, more, top=f'prompts = "{prompts}"\n') as line:
        house = House(line, numbers)
        following = asyncio.create_task(house.follow())
        async with house.carrier(carrier_port) as carrier:
            await asyncio.sleep(0.3)  # until the events flow
            yield Desk(house, carrier, ports, folder, speech)
        following.cancel()


def _phone(desk: Desk, scenario: str, agent: str, to: str) -> Sipp:
    """SIPp as the phone of ``agent``, which transfers ``to``."""
    server = desk.house.server
    values = {
        "SPEECH": desk.speech, "TALK_MS": TALK_MS, "TO": to, "USER": agent, "SERVER": f"{server.host}:{server.port}",
        "HOST": server.host,
    }  # fmt: skip
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    path = desk.folder / f"{scenario}-{agent}.xml"
    path.write_text(text)
    return Sipp(path, "UDP", calls=1, port=desk.ports[agent], options=("-rsa", f"{server.host}:{server.port}"))


def _talks(desk: Desk, caller: str) -> list[str]:
    """What the log says of the caller's talks, in order."""
    facts = [fact for fact in desk.house.facts(caller) if str(fact["name"]).startswith("talk.")]
    return [f"{str(fact['name']).removeprefix('talk.')} {fact['agent']}" for fact in facts]


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
        outcome = await phone.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
        await desk.house.until(caller, "transfer.completed", kind="blind", by="201", to="301", agent="301")
        answered.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        recorded = await desk.house.until(caller, "recording.finished")
    assert _talks(desk, caller) == ["started 201", "held 201", "ended 201", "started 301", "ended 301"]
    left, right = channels(desk.house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    begin, end = right[: len(right) // 3], right[-2 * len(right) // 5 :]
    assert share_of_tone(begin, PHONE_HZ) > 0.8, "first the one who transferred"
    assert share_of_tone(end, AGENT_HZ) > 0.8, "then the one who took over"
