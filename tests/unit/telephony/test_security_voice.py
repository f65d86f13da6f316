"""Voice is not sent where a far end has no business: to services of this machine, or to a whole group."""

import asyncio

import pytest

from core.errors import CallRejected
from telephony.media.commands import Update
from telephony.sip.events import Answered, Invited, Offered
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.doubles import FAR, far_side, request
from tests.unit.telephony.test_switchboard import CARRIER, Desk, turn


def naming(host: str, sdp: bytes) -> bytes:
    return sdp.replace(FAR.host.encode(), host.encode())


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.board.open_for_calls(desk.arrivals.append)
    return desk


@pytest.mark.parametrize("host", ["127.0.0.1", "224.0.0.1", "255.255.255.255"])
async def test_security_a_far_end_elsewhere_has_no_voice_on_this_machine(desk: Desk, host: str) -> None:
    offer = naming(host, far_side().offer())
    desk.stack.tell(Invited("in1", request(user="13800138000"), CARRIER, offer))
    await turn()
    assert desk.arrivals == [], "nobody is rung for it"
    assert desk.stack.done == [("reject", "in1", 488)]
    assert desk.media.of(Update) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "224.0.0.1"])
async def test_security_nor_does_a_change_in_mid_call_bring_it_there(desk: Desk, host: str) -> None:
    desk.invited("in1")
    await desk.arrivals[0].leg.answer()
    updates = len(desk.media.of(Update))
    desk.stack.tell(Offered("in1", naming(host, far_side().offer())))
    await turn()
    assert desk.stack.done[-1] == ("reject_offer", "in1", 488)
    assert desk.stack.warnings["in1"].startswith("330 192.0.2.1 " if host == "224.0.0.1" else "399 192.0.2.1 ")
    assert len(desk.media.of(Update)) == updates, "what held before holds"
    assert desk.arrivals[0].leg.end is None


@pytest.mark.parametrize(
    ("at", "voice", "taken"),
    [("192.0.2.20", "127.0.0.1", False), ("127.0.0.20", "127.0.0.1", True), ("127.0.0.20", "224.0.0.1", False)],
)
async def test_security_a_phone_on_this_machine_may_have_its_voice_there(
    desk: Desk, at: str, voice: str, taken: bool
) -> None:
    desk.board._phones.change({"201": parse_sip_uri(f"sip:201@{at}")})
    ringing = asyncio.create_task(desk.board.ring("201", "c1", caller="138", timeout_s=5))
    await turn()
    offer = desk.stack.done[-1][4]
    assert isinstance(offer, bytes)
    desk.stack.tell(Answered("s1", naming(voice, far_side().answer(offer)[0])))
    if taken:
        await ringing
        assert desk.media.of(Update)[-1].stream.remote.host == voice  # type: ignore[attr-defined]
    else:
        with pytest.raises(CallRejected, match="488"):
            await ringing
        assert desk.stack.done[-1] == ("hang_up", "s1", 88)
        assert desk.media.of(Update) == []
