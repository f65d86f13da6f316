"""The switchboard: arrivals, rings and dials; each event finds its leg; channels are given back."""

import asyncio

import pytest

from core.errors import CallRejected, NotAllowed, Unavailable
from telephony.doorkeeper import Doorkeeper
from telephony.facts import CallEnded, CallStarted, TrunkFull
from telephony.phones import Phones
from telephony.ports import Leg
from telephony.registrar import Registrar
from telephony.security_facts import OutsideCallRefused
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Answered, HungUp, Invited, Progressed, Refused, Requested, Responded, TimedOut
from telephony.sip.hop import Hop
from telephony.sip.uri import parse_sip_uri
from telephony.switchboard import Arrival, Switchboard
from telephony.trunk import TrunkBook, TrunkGroup, TrunkSettings
from tests.unit.telephony.doubles import Rooms, far_side, request

CARRIER = Hop("UDP", "203.0.113.5", 5060)
PHONE = Hop("UDP", "192.0.2.20", 5060)


class Desk(Rooms):
    """A switchboard with a carrier of two channels and the fixed phone of agent 201."""

    def __init__(self) -> None:
        super().__init__()
        digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
        registrar = Registrar(digest, {})
        self.trunks = TrunkBook(
            [
                TrunkSettings("carrier", CARRIER.host, max_calls=2, caller_id="4008001234"),
                TrunkSettings("other", "203.0.113.6", caller_id="4008005678"),
            ],
            [TrunkGroup("both", ("carrier", "other"))],
        )
        self.phones = Phones(registrar, {"201": parse_sip_uri("sip:201@192.0.2.20")})
        self.board = Switchboard(
            stack=self.stack,
            room=self.room,
            log=self.log,
            clock=self.clock,
            ids=self.ids,
            trunks=self.trunks,
            phones=self.phones,
            doorkeeper=Doorkeeper(self.trunks, registrar, digest, {}),
        )
        self.arrivals: list[Arrival] = []

    def invited(self, session: str, source: Hop = CARRIER) -> None:
        self.stack.tell(Invited(session, request(user="13800138000"), source, far_side().offer()))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.board.open_for_calls(desk.arrivals.append)
    return desk


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_call_arrives(desk: Desk) -> None:
    desk.invited("in1")
    (arrival,) = desk.arrivals
    assert (arrival.ani, arrival.dnis, arrival.trunk, arrival.agent) == ("+8613800138000", "4008001234", "carrier", "")
    assert desk.log.facts(CallStarted) == [CallStarted("inbound", "+8613800138000", "4008001234", "carrier")]
    assert desk.board.legs == (arrival.leg,)
    assert desk.trunks.calls("carrier") == 1
    desk.stack.tell(HungUp("in1"))
    assert arrival.leg.end is not None
    assert (desk.board.legs, desk.trunks.calls("carrier")) == ((), 0)
    desk.stack.tell(HungUp("in1"))  # what comes late finds nobody


PLAIN = far_side().offer()


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (b"nonsense", '399 192.0.2.1 "the offer is no SDP: line 1: SDP must begin with v=0"'),
        (
            PLAIN.replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18"),
            '305 192.0.2.1 "the offer has none of the codecs PCMA, PCMU"',
        ),
        (
            PLAIN.replace(b"m=audio", b"m=video"),
            '304 192.0.2.1 "the offer has no audio, and nothing else is carried here"',
        ),
        (
            PLAIN.replace(b"RTP/AVP", b"RTP/SAVP"),
            '302 192.0.2.1 "RTP/SAVP with these keys is not spoken (encryption is off)"',
        ),
        (
            PLAIN.replace(b"c=IN IP4 192.0.2.9", b"c=IN IP4 224.0.0.1"),
            '330 192.0.2.1 "the address for the voice, 224.0.0.1, is multicast"',
        ),
    ],
)
async def test_an_offer_that_cannot_be_answered_rings_nobody(desk: Desk, offer: bytes, why: str) -> None:
    desk.stack.tell(Invited("in1", request(user="13800138000"), CARRIER, offer))
    assert desk.arrivals == []
    assert desk.stack.done == [("reject", "in1", 488)]
    assert desk.stack.warnings["in1"] == why
    assert [event.fact.name for event in desk.log.events] == ["call.started", "leg.started", "leg.ended", "call.ended"]
    assert desk.log.facts(CallEnded) == [CallEnded("rejected", "system")]
    assert (desk.board.legs, desk.trunks.calls("carrier")) == ((), 0), "its channel is free again"


async def test_no_more_calls_than_channels(desk: Desk) -> None:
    for session in ("in1", "in2", "in3"):
        desk.invited(session)
    assert len(desk.arrivals) == 2
    assert desk.stack.done == [("reject", "in3", 503)]
    with pytest.raises(Unavailable, match="2 channels"):
        await desk.board.dial("13900139000", "c9", trunk="carrier", caller_id="", timeout_s=5)
    assert desk.log.facts(TrunkFull) == [
        TrunkFull("carrier", "in", 2, "+8613800138000", "4008001234", 1),
        TrunkFull("carrier", "out", 2, "", "+8613900139000", 1),
    ]
    assert [event.call_id for event in desk.log.events if isinstance(event.fact, TrunkFull)] == ["", "c9"]


async def test_what_may_not_be_called_takes_no_channel(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="abroad"):
        await desk.board.dial("0085221234567", "c9", trunk="carrier", caller_id="", timeout_s=5, by="101")
    assert (desk.stack.done, desk.trunks.calls("carrier")) == ([], 0)
    assert desk.log.facts(OutsideCallRefused) == [OutsideCallRefused("101", "+852****4567", "abroad", 1)]


async def test_strangers_are_challenged(desk: Desk) -> None:
    desk.invited("in1", Hop("UDP", "198.51.100.66", 5060))
    assert desk.arrivals == []
    assert desk.stack.done[0][:3] == ("reject", "in1", 401)
    assert desk.log.events == []


async def test_a_closed_board_refuses(desk: Desk) -> None:
    desk.board.close_for_calls()
    desk.invited("in1")
    assert desk.stack.done[0][:3] == ("reject", "in1", 503)


async def test_an_agent_is_rung_as_the_caller(desk: Desk) -> None:
    ringing = asyncio.create_task(desk.board.ring("201", "c1", caller="13800138000", timeout_s=5))
    await turn()
    ((name, target, uri, from_, offer),) = desk.stack.done
    assert (name, target, str(uri)) == ("invite", PHONE, "sip:201@192.0.2.20")
    assert "13800138000" in str(from_)
    assert isinstance(offer, bytes)
    desk.stack.tell(Answered("s1", far_side().answer(offer)[0]))
    leg = await ringing
    assert (leg.call_id, leg.number) == ("c1", "201")
    await leg.hang_up()
    assert desk.board.legs == ()


async def test_an_agent_without_a_phone(desk: Desk) -> None:
    with pytest.raises(Unavailable, match="no phone registered"):
        await desk.board.ring("202", "c1", caller="13800138000", timeout_s=5)


async def test_dialling_shows_the_trunks_number_and_gives_the_channel_back(desk: Desk) -> None:
    dialling = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="carrier", caller_id="", timeout_s=5))
    await turn()
    assert desk.trunks.calls("carrier") == 1
    _, target, uri, from_, _ = desk.stack.done[0]
    assert (target, str(uri)) == (CARRIER, "sip:13900139000@203.0.113.5:5060")
    assert "4008001234" in str(from_)
    desk.stack.tell(Refused("s1", 486, "Busy"))
    with pytest.raises(CallRejected):
        await dialling
    assert desk.trunks.calls("carrier") == 0


async def test_early_media_is_told_to_who_watches_the_call(desk: Desk) -> None:
    told: list[Leg] = []
    forget = desk.board.watch_early("c1", told.append)
    dialling = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="carrier", caller_id="", timeout_s=5))
    await turn()
    desk.stack.tell(Progressed("s1", 183, far_side().answer(desk.stack.done[0][4])[0]))
    await turn()
    assert [leg.call_id for leg in told] == ["c1"]
    desk.stack.tell(Refused("s1", 486, "Busy"))
    with pytest.raises(CallRejected):
        await dialling
    forget()
    again = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="carrier", caller_id="", timeout_s=5))
    await turn()
    desk.stack.tell(Progressed("s2", 183, far_side().answer(desk.stack.done[-1][4])[0]))
    desk.stack.tell(Refused("s2", 486, "Busy"))
    with pytest.raises(CallRejected):
        await again
    assert len(told) == 1


async def test_that_it_rings_is_told_to_who_watches_the_call(desk: Desk) -> None:
    told: list[str] = []
    forget = desk.board.watch_ringing("c1", lambda: told.append("rings"))
    dialling = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="carrier", caller_id="", timeout_s=5))
    await turn()
    desk.stack.tell(Progressed("s1", 183, None))
    assert told == []
    desk.stack.tell(Progressed("s1", 180, None))
    assert told == ["rings"]
    desk.stack.tell(Refused("s1", 486, "Busy"))
    ringing = asyncio.create_task(desk.board.ring("201", "c1", caller="13800138000", timeout_s=5))
    await turn()
    desk.stack.tell(Progressed("s2", 180, None))
    assert told == ["rings", "rings"]
    forget()
    desk.stack.tell(Progressed("s2", 180, None))
    assert told == ["rings", "rings"]
    desk.stack.tell(Refused("s2", 486, "Busy"))
    for calling in (dialling, ringing):
        with pytest.raises(CallRejected):
            await calling


async def test_a_phone_whose_connection_goes_rings_no_more(desk: Desk) -> None:
    desk.phones.change({"201": parse_sip_uri("sip:201@192.0.2.20:40000;transport=tls")})
    ringing = asyncio.create_task(desk.board.ring("201", "c1", caller="13800138000", timeout_s=5))
    await turn()
    desk.board.flow_lost(Hop("TLS", "192.0.2.20", 40001))
    assert len(desk.board.legs) == 1, "another connection"
    desk.board.flow_lost(Hop("TLS", "192.0.2.20", 40000))
    with pytest.raises(Unavailable):
        await ringing
    assert desk.board.legs == ()


async def test_no_such_trunk(desk: Desk) -> None:
    with pytest.raises(Unavailable, match="no trunk"):
        await desk.board.dial("13900139000", "c1", trunk="nobody", caller_id="", timeout_s=5)


async def test_requests_outside_of_calls_are_answered(desk: Desk) -> None:
    desk.stack.tell(Requested("k", request("OPTIONS"), PHONE))
    assert desk.stack.done[0][:3] == ("answer_request", "k", 200)


async def test_answers_to_our_own_requests_find_who_asked(desk: Desk) -> None:
    heard: list[Responded] = []
    desk.board.expect("k1", heard.append)
    for _ in range(2):
        desk.stack.tell(Responded("k1", 200, None))
    assert heard == [Responded("k1", 200, None)]


async def test_strangers_meet_the_doorkeeper_before_the_stack_looks_at_them(desk: Desk) -> None:
    guard = desk.stack.guard
    assert guard is not None
    now = desk.clock.now()
    assert sum(guard.lets_in(PHONE, now) for _ in range(300)) == 100
    assert all(guard.lets_in(CARRIER, now) for _ in range(300))


async def test_of_a_group_the_next_trunk_takes_what_the_first_cannot(desk: Desk) -> None:
    dialling = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="both", caller_id="", timeout_s=5))
    await turn()
    desk.stack.tell(Refused("s1", 503, "Service Unavailable"))
    await turn()
    assert [command[1] for command in desk.stack.done] == [CARRIER, Hop("UDP", "203.0.113.6", 5060)]
    assert (desk.trunks.calls("carrier"), desk.trunks.calls("other")) == (0, 1)
    desk.stack.tell(Refused("s2", 486, "Busy Here"))  # that is the person's answer: nobody else is tried
    with pytest.raises(CallRejected) as refused:
        await dialling
    assert refused.value.status == 486
    assert (desk.trunks.calls("carrier"), desk.trunks.calls("other")) == (0, 0)


async def test_when_no_trunk_of_a_group_works_the_last_reason_is_told(desk: Desk) -> None:
    dialling = asyncio.create_task(desk.board.dial("+8613900139000", "c1", trunk="both", caller_id="", timeout_s=5))
    await turn()
    desk.stack.tell(TimedOut("s1"))
    await turn()
    desk.stack.tell(Refused("s2", 502, "Bad Gateway"))
    with pytest.raises(CallRejected) as refused:
        await dialling
    assert refused.value.status == 502
