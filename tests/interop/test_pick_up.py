"""A call that rings at one of an agent's phones is taken from another by INVITE with Replaces (RFC 3891 §3)."""

import asyncio
from pathlib import Path

import pytest

from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, basic, serving
from tests.ports import free_port

pytestmark = pytest.mark.interop
AGENTS = "".join(f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n' for agent in ("101", "102"))


async def test_another_phone_of_the_agent_takes_the_call_and_a_colleagues_does_not(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=port, agents=AGENTS)) as line:
        server = Hop("UDP", HOST, line.sip)
        ringing: asyncio.Queue[PhoneCall] = asyncio.Queue()
        desk = Handset(server, "101", "phone-101", ringing.put_nowait)
        other, colleague = Handset(server, "101", "phone-101"), Handset(server, "102", "phone-102")
        carrier = Handset(server, "carrier", listen=Hop("UDP", CARRIER, port))
        phones = (desk, other, colleague, carrier)
        for phone in phones:
            await phone.start()
        try:
            await desk.register()
            await colleague.register()
            calling = asyncio.create_task(carrier.call("4008006666", "13800138000"))
            rings = await asyncio.wait_for(ringing.get(), 10)
            refused = await asyncio.wait_for(colleague.pick_up(desk, rings), 10)
            assert (refused.up, refused.ended.result()) == (False, 403)
            assert not rings.ended.done(), "it rings on"
            taken = await asyncio.wait_for(other.pick_up(desk, rings), 10)
            assert taken.up
            assert await asyncio.wait_for(rings.ended, 10) == 0, "what rang is told that it is over"
            call = await asyncio.wait_for(calling, 10)
            call.hang_up()
            await asyncio.wait_for(taken.ended, 10)
            (ended,) = await line.until_calls_ended(1)
            assert (ended["dnis"], ended["ended_by"]) == ("4008006666", "caller")
        finally:
            for phone in phones:
                await phone.close()
