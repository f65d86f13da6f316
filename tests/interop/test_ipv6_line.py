"""A served line on IPv6: a phone registers, is rung for a carrier's caller, and both hear each other."""

import asyncio
from pathlib import Path

import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from service.demo.voice import Voice
from telephony.media.port import Address
from telephony.sip.hop import Hop
from tests.interop.line import HOST, basic, serving
from tests.interop.sound import share_of_tone, tone
from tests.ports import free_port

pytestmark = pytest.mark.interop
HERE = "::1"
CALLER_HZ = 700.0
AGENT_HZ = 1100.0


class VoiceHere(Voice):
    async def open(self, host: str = HERE) -> Address:
        return await super().open(host)


def free_port_here() -> int:
    try:
        return free_port(HERE)
    except OSError:
        pytest.skip("this machine has no IPv6")


async def test_a_call_over_ipv6_from_end_to_end(tmp_path: Path) -> None:
    carrier_port = free_port_here()
    calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
    text = basic(carrier_port=carrier_port).replace('host = "127.0.0.2"', f'host = "{HERE}"')
    async with serving(tmp_path, text, sip_keys="", before=lambda line: on_ipv6(line.config)) as line:
        server = Hop("UDP", HERE, line.sip)
        carrier = Softphone(
            SystemClock(), server, "carrier", listen=Hop("UDP", HERE, carrier_port), make_voice=VoiceHere
        )
        phone = Softphone(
            SystemClock(), server, "101", "phone-101", calls.put_nowait, Hop("UDP", HERE, free_port()), VoiceHere
        )
        await carrier.start()
        await phone.start()
        try:
            await phone.register()
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            calling = asyncio.create_task(carrier.call("4008005555", "13800138000"))
            async with asyncio.timeout(15):
                at_desk = await calls.get()
                await at_desk.answer()
                outside = await calling
            await asyncio.gather(
                outside.voice.say_samples(tone(CALLER_HZ, 3)), at_desk.voice.say_samples(tone(AGENT_HZ, 3))
            )
            at_desk.hang_up()
            await asyncio.wait_for(outside.ended, 10)
            assert share_of_tone(outside.voice.heard_samples()[-16000:], AGENT_HZ) > 0.8
            assert share_of_tone(at_desk.voice.heard_samples()[-16000:], CALLER_HZ) > 0.8
            (ended,) = await line.until_calls_ended(1)
            assert (ended["outcome"], ended["agent"]) == ("answered", "101")
        finally:
            await carrier.close()
            await phone.close()


def on_ipv6(config: Path) -> None:
    """[sip] and [media] listen on IPv6; the console stays where the tests look for it."""
    config.write_text(config.read_text().replace(f'host = "{HOST}"', f'host = "{HERE}"'))
