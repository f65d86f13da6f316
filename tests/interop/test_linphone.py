"""linphone as agents' phones: its command-line client answers a queued call and both hear each other; a phone on its
library picks up by itself the calls that ask for it, and no others.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.audio import Pcm
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, REPOSITORY, Line, basic, serving
from tests.interop.peers.linphone import Linphone, environment, need_library, need_linphone, write_config
from tests.interop.sound import share_of_tone, tone, write_mono
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
CALLER_HZ = 700.0
AGENT_HZ = 1100.0
HEARD_SAMPLES = 8000
AGENTS = """
[[agent]]
id = "101"
password = "phone-101"
[[agent]]
id = "102"
password = "phone-102"
auto_answer = "any"
"""
TO_102 = """
[[queue]]
name = "desk"
agents = ["102"]
ring_timeout_s = 8
wrap_up_s = 1
[[number]]
number = "4008007001"
to = "queue:desk"
[[number]]
number = "4008007002"
to = "agent:102"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Line, Softphone]]:
    """A line and its carrier."""
    need_linphone()
    need_library()
    port = free_port(CARRIER)
    folder = tmp_path_factory.mktemp("line")
    async with serving(
        folder, basic(carrier_port=port, agents=AGENTS, more=TO_102), sip_keys="phone_options_s = 1"
    ) as line:
        carrier = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, port))
        await carrier.start()
        try:
            yield line, carrier
        finally:
            await carrier.close()


async def test_linphone_answers_a_queued_call_and_both_hear_each_other(
    house: tuple[Line, Softphone], tmp_path: Path
) -> None:
    line, carrier = house
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 30))
    async with Linphone(tmp_path / "linphone", line.sip, "101", "phone-101", says) as phone:
        await line.set_agent("101", "available")
        await line.until_agent("101", "available", 60)
        (known,) = [item for item in await line.api.get("/phones") if item["agent"] == "101"]
        assert "linphone" in str(known["user_agent"]).lower()
        call = await carrier.call("4008005555", "13800138000")
        await line.until_agent("101", "talking", 30)
        phone.command("terminate")
        await asyncio.wait_for(call.ended, 20)
        # The caller hangs up: the phone must see it.
        await line.until_agent("101", "available", 30)
        call = await carrier.call("4008005555", "13900139000")
        # Long enough for a second without a gap, also where the phone's ear opens late.
        await asyncio.gather(call.voice.say_samples(tone(CALLER_HZ, 5)), _hears(call, AGENT_HZ))
        call.hang_up()
        await phone.until(r"Call 2 with .* ended", 20)
        last, first = await line.until_calls_ended(2)
        assert (first["outcome"], first["agent"], first["ended_by"]) == ("answered", "101", "agent")
        assert (last["outcome"], last["agent"], last["ended_by"]) == ("answered", "101", "caller")
    assert any(_is_tone(part, CALLER_HZ) for part in _parts(phone.samples())), phone.log()


async def test_a_phone_picks_up_by_itself_only_where_it_is_asked_to(
    house: tuple[Line, Softphone], tmp_path: Path
) -> None:
    line, carrier = house
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 30))
    folder = tmp_path / "phone"
    folder.mkdir()
    config = write_config(folder, "102", "phone-102", line.sip)
    phone = await asyncio.create_subprocess_exec(
        sys.executable, str(REPOSITORY / "tests/interop/peers/obeying_linphone.py"),
        str(config), str(says), str(folder / "heard.wav"), env=environment(folder), cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await line.set_agent("102", "available")
        await line.until_agent("102", "available", 60)
        call = await carrier.call("4008007001", "13800138000")
        await line.until_agent("102", "talking", 30)
        await _hears(call, AGENT_HZ)
        call.hang_up()
        await _said(phone, "LinphoneCallIncomingReceived asked", "gone")
        await line.until_agent("102", "available", 30)
        ringing = await carrier.dial("4008007002", "13900139000")
        await _said(phone, "LinphoneCallIncomingReceived not asked")
        assert not ringing.up
        ringing.hang_up()
        await _said(phone, "gone")
    finally:
        if phone.returncode is None:
            phone.kill()
        await phone.wait()


async def _said(phone: asyncio.subprocess.Process, *lines: str) -> None:
    """Wait until it has printed these, in this order."""
    assert phone.stdout is not None
    said: list[str] = []
    for line in lines:
        while not said or said[-1] != line:
            try:
                said.append((await asyncio.wait_for(phone.stdout.readline(), 30)).decode().strip())
            except TimeoutError:
                raise AssertionError(f"{line!r} was not said: {said}") from None
            assert said[-1] or not phone.stdout.at_eof(), said


def _parts(heard: Pcm) -> list[Pcm]:
    """What was heard, from every tenth of a second on."""
    return [heard[begin : begin + HEARD_SAMPLES] for begin in range(0, len(heard), HEARD_SAMPLES // 10)]


def _is_tone(heard: Pcm, frequency_hz: float) -> bool:
    """Whether the last second is that tone."""
    return len(heard) >= HEARD_SAMPLES and share_of_tone(heard[-HEARD_SAMPLES:], frequency_hz) > 0.9


async def _hears(call: PhoneCall, frequency_hz: float) -> None:
    async with asyncio.timeout(30):
        while not _is_tone(call.voice.heard_samples(), frequency_hz):  # noqa: ASYNC110 - hearing is no event
            await asyncio.sleep(0.1)
