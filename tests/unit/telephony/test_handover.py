"""Sessions that change hands: who may refer and replace, and legs that move to another call."""

import asyncio
import re

import pytest

from core.errors import LegEnded, LocalProtocolError, Unavailable
from telephony.doorkeeper import Admitted
from telephony.facts import LegAnswered, LegOver, LegReplaced, LegStarted
from telephony.leg import SipLeg
from telephony.media.commands import Update
from telephony.negotiation import SdpSide
from telephony.ports import Leg
from telephony.referral import Referral
from telephony.sip.events import Answered, Cancelled, HungUp, Invited, OfferAnswered, OfferRefused, Referred, Replaced
from telephony.sip.hop import Hop
from telephony.sip.refer import ReferTo, Replaces
from telephony.sip.uac import NON_SELECTED
from telephony.sip.uri import parse_uri
from tests.unit.telephony.doubles import far_side, held, request
from tests.unit.telephony.test_switchboard import CARRIER, Desk, turn

OTHER_CARRIER = Hop("UDP", "203.0.113.6", 5060)
REPLACES = Replaces("c", "1", "2")


class Exchange(Desk):
    """A caller by the carrier (session s0) and agent 201's phone that we have rung (s1), both up."""

    def __init__(self) -> None:
        super().__init__()
        self.board.open_for_calls(self.arrivals.append)
        self.referrals: list[Referral] = []
        self.board.handover.on_referral = self.referrals.append
        self.named = ""
        self.stack.session_of = lambda replaces: self.named  # type: ignore[attr-defined]

    async def begin(self) -> None:
        self.invited("s0")
        self.caller = self.arrivals[0].leg
        await self.caller.answer()
        self.phone, self.far = await self.rung("c2")
        self.stack.done.clear()

    async def rung(self, call_id: str) -> tuple[Leg, SdpSide]:
        """Agent 201 answers a call."""
        ringing = asyncio.create_task(self.board.ring("201", call_id, caller="138", timeout_s=5))
        await turn()
        (name, _, _, _, offer) = next(item for item in reversed(self.stack.done) if item[0] == "invite")
        assert name == "invite" and isinstance(offer, bytes)
        far = far_side()
        self.stack.tell(Answered("s1", far.answer(offer)[0]))
        return await ringing, far

    def leg(self, session: str) -> SipLeg:
        return self.board._legs[session]

    def refers(self, session: str, replaces: Replaces | None = None, to: str = "sip:102@192.0.2.1") -> None:
        self.stack.tell(Referred(session, "k", ReferTo(parse_uri(to), replaces)))

    def replaced(
        self, session: str, status: int = 0, source: Hop = CARRIER, *, early_only: bool = False, offer: bytes = b""
    ) -> None:
        """An INVITE with Replaces arrives as session s9."""
        named = Replaced(session, status, early_only)
        self.stack.tell(Invited("s9", request(user="138"), source, offer or far_side().offer(), named))


@pytest.fixture
async def desk() -> Exchange:
    desk = Exchange()
    await desk.begin()
    return desk


async def test_an_agents_phone_refers(desk: Exchange) -> None:
    desk.refers("s1")
    (referral,) = desk.referrals
    assert (referral.leg, referral.number, referral.other) == (desk.phone, "102", None)
    referral.accept()
    referral.report(100)
    assert desk.stack.done == [("accept_referral", "s1", "k"), ("report_referral", "s1", "k", 100)]
    desk.stack.tell(HungUp("s1"))
    for late in (lambda: referral.report(200), referral.accept, lambda: referral.refuse(603)):
        late()
    assert len(desk.stack.done) == 2, "who has hung up is told nothing"


async def test_nobody_outside_refers(desk: Exchange) -> None:
    desk.refers("s0")
    assert desk.referrals == []
    assert desk.stack.done == [("refuse_referral", "s0", "k", 403)]


@pytest.mark.parametrize(
    ("to", "ours"),
    [
        ("sip:102@192.0.2.1:5060;transport=udp", True),
        ("sip:102@Line400", True),  # the realm
        ("tel:102", True),
        ("sip:102@elsewhere.example", False),
        ("sip:102@192.0.2.77", False),
        ("sips:102@127.0.0.1", False),
    ],
)
async def test_only_what_is_named_at_our_own_hosts_is_ours(desk: Exchange, to: str, ours: bool) -> None:
    desk.refers("s1", to=to)
    if ours:
        assert [referral.number for referral in desk.referrals] == ["102"]
    else:
        assert (desk.referrals, desk.stack.done) == ([], [("refuse_referral", "s1", "k", 403)])


async def test_where_we_listen_everywhere_each_address_of_the_machine_is_ours(desk: Exchange) -> None:
    desk.stack.listens_everywhere = True
    desk.refers("s1", to="sip:102@127.0.0.1")
    desk.refers("s1", to="sip:102@192.0.2.77")
    assert len(desk.referrals) == 1
    assert desk.stack.done == [("refuse_referral", "s1", "k", 403)]


async def test_of_two_calls_of_the_phone_the_host_says_nothing(desk: Exchange) -> None:
    desk.stack._count = 6
    ringing = asyncio.create_task(desk.board.ring("201", "c3", caller="139", timeout_s=5))
    await turn()
    desk.named = "s7"
    desk.refers("s1", REPLACES, "sip:139@192.0.2.20")
    assert len(desk.referrals) == 1
    ringing.cancel()
    await turn()


@pytest.mark.parametrize(("named", "status"), [("", 481), ("s0", 403), ("s1", 403)])
async def test_a_phone_names_only_calls_of_its_own(desk: Exchange, named: str, status: int) -> None:
    desk.named = named
    desk.refers("s1", REPLACES)
    assert desk.stack.done == [("refuse_referral", "s1", "k", status)]


async def test_a_phone_names_its_other_call(desk: Exchange) -> None:
    desk.stack._count = 6
    ringing = asyncio.create_task(desk.board.ring("201", "c3", caller="139", timeout_s=5))
    await turn()
    desk.named = "s7"
    desk.refers("s1", REPLACES)
    assert desk.referrals[0].other is desk.leg("s7")
    ringing.cancel()
    await turn()


# Replaces


async def test_the_carrier_replaces_its_own_call(desk: Exchange) -> None:
    desk.replaced("s0")
    await turn()
    assert [item[:2] for item in desk.stack.done] == [("accept", "s9"), ("hang_up", "s0")]
    assert desk.log.facts(LegReplaced) == [LegReplaced(desk.caller.id)]
    assert desk.leg("s9") is desk.caller
    assert len(desk.media.of(Update)) == 3, "its voice comes from the new place"
    desk.stack.tell(HungUp("s0"))
    assert desk.caller.end is None, "the old session is nobody's"
    desk.stack.tell(HungUp("s9"))
    assert desk.caller.end is not None
    assert set(desk.board._legs) == {"s1"}


@pytest.mark.parametrize(
    ("session", "given", "source", "status"),
    [
        ("", 481, CARRIER, 481),
        ("", 486, CARRIER, 486),
        ("s0", 0, OTHER_CARRIER, 403),
        ("s1", 0, CARRIER, 403),
        ("gone", 0, CARRIER, 481),
    ],
)
async def test_what_may_not_be_replaced(desk: Exchange, session: str, given: int, source: Hop, status: int) -> None:
    desk.replaced(session, given, source)
    await turn()
    assert desk.stack.done == [("reject", "s9", status)]
    assert desk.caller.end is None


async def test_who_replaces_must_speak_as_we_do(desk: Exchange) -> None:
    leg = desk.leg("s0")
    offer = far_side().offer().replace(b"RTP/AVP", b"RTP/SAVP")
    await leg.replace_session("s9", offer, desk.board._phones.terms)
    assert desk.stack.done == [("reject", "s9", 488)]
    assert leg.session == "s0"


async def test_who_replaces_without_an_offer_gets_ours(desk: Exchange) -> None:
    leg = desk.leg("s0")
    await leg.replace_session("s9", None, desk.board._phones.terms)
    (accepted, _) = desk.stack.done
    assert accepted[:2] == ("accept", "s9") and b"m=audio" in accepted[2]  # type: ignore[operator]


async def test_who_gives_up_replacing_ends_nothing(desk: Exchange) -> None:
    desk.replaced("s0")
    desk.stack.tell(Cancelled("s9"))
    assert desk.caller.end is None


async def test_a_call_that_was_answered_meanwhile_is_not_taken_as_one_that_rings(desk: Exchange) -> None:
    desk.replaced("s0", early_only=True)
    await turn()
    assert desk.stack.done == [("reject", "s9", 486)]
    assert desk.caller.end is None and "s9" not in desk.board._legs


class Ringing:
    """A call to a customer by the carrier that rings as session s2."""

    def __init__(self, desk: Exchange) -> None:
        self.desk = desk
        self.dialling = asyncio.create_task(
            desk.board.dial("13900139000", "c9", trunk="carrier", caller_id="", timeout_s=5)
        )

    async def begin(self) -> "Ringing":
        await turn()
        self.session = next(session for session in self.desk.board._legs if session not in ("s0", "s1"))
        self.offer = next(item[4] for item in reversed(self.desk.stack.done) if item[0] == "invite")
        self.desk.stack.done.clear()
        return self

    async def give_up(self) -> None:
        self.dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.dialling


@pytest.mark.parametrize("early_only", [False, True])
async def test_a_call_of_ours_that_rings_is_taken_from_elsewhere(desk: Exchange, early_only: bool) -> None:
    desk.stack._count = 1
    ringing = await Ringing(desk).begin()
    desk.replaced(ringing.session, early_only=early_only)
    leg = await ringing.dialling
    assert [item[:3] for item in desk.stack.done if item[0] != "accept"] == [("hang_up", ringing.session, NON_SELECTED)]
    assert desk.leg("s9") is leg and ringing.session not in desk.board._legs
    assert desk.log.facts(LegReplaced) == [LegReplaced(leg.id)]
    assert LegAnswered(leg.id) in desk.log.facts(LegAnswered)
    desk.stack.tell(HungUp("s9"))
    assert leg.end is not None and not leg.end.by_us
    assert ("s9" in desk.board._legs, desk.trunks.calls("carrier")) == (False, 1)


async def test_a_call_that_rings_rings_on_where_who_takes_it_cannot(desk: Exchange) -> None:
    desk.stack._count = 1
    ringing = await Ringing(desk).begin()
    for source, status in ((OTHER_CARRIER, 403), (CARRIER, 488)):
        desk.replaced(ringing.session, source=source, offer=far_side().offer().replace(b"RTP/AVP", b"RTP/SAVP"))
        await turn()
        assert desk.stack.done.pop() == ("reject", "s9", status)
    assert not ringing.dialling.done() and desk.leg(ringing.session).end is None
    await ringing.give_up()


async def test_who_gives_up_taking_a_call_leaves_it_ringing(desk: Exchange) -> None:
    desk.stack._count = 1
    ringing = await Ringing(desk).begin()
    desk.stack.gone.add("s9")
    desk.replaced(ringing.session)
    desk.stack.tell(Cancelled("s9"))
    await turn()
    assert not ringing.dialling.done() and "s9" not in desk.board._legs
    assert desk.log.facts(LegReplaced) == []
    await ringing.give_up()


async def test_the_answer_may_be_faster_than_who_takes_the_call(desk: Exchange) -> None:
    desk.stack._count = 1
    ringing = await Ringing(desk).begin()
    assert isinstance(ringing.offer, bytes)
    desk.stack.tell(Answered(ringing.session, far_side().answer(ringing.offer)[0]))
    desk.replaced(ringing.session, early_only=True)
    leg = await ringing.dialling
    await turn()
    assert desk.stack.done == [("reject", "s9", 486)] and leg.end is None
    assert desk.leg(ringing.session) is leg


async def test_another_phone_of_the_agent_takes_the_call_that_rings_at_his(desk: Exchange) -> None:
    """As his phones do it; a colleague's phone may not, nor may a carrier."""
    desk.stack._count = 1
    picking = asyncio.create_task(desk.board.ring("201", "c7", caller="138", timeout_s=5))
    await turn()
    (session,) = set(desk.board._legs) - {"s0", "s1"}
    desk.stack.done.clear()
    desk.replaced(session)
    await turn()
    assert desk.stack.done == [("reject", "s9", 403)], "a carrier"
    leg = desk.leg(session)
    board = desk.board
    event = Invited("s9", request(user="138"), CARRIER, far_side().offer(), Replaced(session))
    board.handover.replace(event, Admitted("202", "201", agent="202"), board._phones.terms)
    assert desk.stack.done.pop() == ("reject", "s9", 403), "a colleague"
    board.handover.replace(event, Admitted("201", "201", agent="201"), board._phones.terms)
    assert await picking is leg
    assert ("hang_up", session, NON_SELECTED) in [item[:3] for item in desk.stack.done]
    assert set(desk.board._legs) == {"s0", "s1", "s9"}
    desk.stack.tell(HungUp("s9"))
    assert leg.end is not None


# Moving


def _origin(sdp: object) -> tuple[str, int]:
    assert isinstance(sdp, bytes)
    match = re.search(rb"o=\S+ (\d+) (\d+)", sdp)
    assert match is not None
    return match[1].decode(), int(match[2])


class Move:
    """Agent 201's leg goes from call c2 to the caller's call."""

    def __init__(self, desk: Exchange) -> None:
        self.desk = desk
        self.call_id = desk.caller.call_id
        self.moved = 0
        self.task = asyncio.create_task(desk.board.handover.move(desk.phone, self.call_id, when_moved=self._count))

    def _count(self) -> None:
        assert self.desk.phone.end is None
        self.moved += 1

    def offer(self) -> bytes:
        (offered,) = [item for item in self.desk.stack.done if item[0] == "reoffer"]
        assert offered[1] == "s1" and isinstance(offered[2], bytes)
        return offered[2]


async def test_a_leg_moves_to_another_call(desk: Exchange) -> None:
    move = Move(desk)
    await turn()
    old = desk.phone
    assert old.end is None and not move.task.done()
    desk.stack.tell(OfferAnswered("s1", desk.far.answer(move.offer())[0]))
    leg = await move.task
    assert move.moved == 1
    assert (leg.call_id, leg.number, leg.end) == (move.call_id, "201", None)
    assert old.end is not None and ("hang_up", "s1") not in desk.stack.done, "the session goes on"
    assert LegStarted(leg.id, "agent", "201") in desk.log.facts(LegStarted)
    assert LegAnswered(leg.id) in desk.log.facts(LegAnswered)
    assert LegOver(old.id, "normal") in desk.log.facts(LegOver)
    await leg.answer()  # no error
    with pytest.raises(LocalProtocolError):
        await leg.ring()
    desk.stack.tell(HungUp("s1"))
    assert leg.end is not None and not leg.end.by_us
    assert set(desk.board._legs) == {"s0"}


async def test_what_is_offered_is_the_same_session_at_another_port(desk: Exchange) -> None:
    before = desk.leg("s1").holding()[1].offer()
    move = Move(desk)
    await turn()
    after = move.offer()
    assert _origin(after) == (_origin(before)[0], _origin(before)[1] + 1)
    assert re.search(rb"m=audio (\d+)", before) != re.search(rb"m=audio (\d+)", after)
    move.task.cancel()
    await turn()


async def test_a_far_end_that_will_not_move_stays(desk: Exchange) -> None:
    move = Move(desk)
    await turn()
    desk.stack.tell(OfferRefused("s1", 488))
    with pytest.raises(Unavailable):
        await move.task
    assert desk.phone.end is None and desk.leg("s1") is desk.phone
    assert move.moved == 0
    assert [item[0] for item in desk.stack.done] == ["reoffer"]
    assert len(desk.media.legs) == 2, "the new port is free again"


async def test_a_far_end_that_hangs_up_meanwhile_is_gone_from_both(desk: Exchange) -> None:
    move = Move(desk)
    await turn()
    desk.stack.tell(HungUp("s1"))
    with pytest.raises(LegEnded):
        await move.task
    assert desk.phone.end is not None and not desk.phone.end.by_us
    assert set(desk.board._legs) == {"s0"}


async def test_a_move_that_is_given_up_brings_the_voice_back(desk: Exchange) -> None:
    move = Move(desk)
    await turn()
    asked = move.offer()
    move.task.cancel()
    await turn()
    assert desk.leg("s1") is desk.phone and desk.phone.end is None
    (_, again) = [item for item in desk.stack.done if item[0] == "reoffer"]
    assert _origin(again[2])[1] == _origin(asked)[1] + 1
    desk.stack.tell(OfferAnswered("s1", desk.far.answer(again[2])[0]))  # type: ignore[arg-type]
    await turn()
    assert desk.phone.end is None


async def test_who_has_hung_up_cannot_be_moved(desk: Exchange) -> None:
    desk.stack.tell(HungUp("s1"))
    with pytest.raises(LegEnded):
        await desk.board.handover.move(desk.phone, "c1", when_moved=lambda: None)


async def test_a_trunks_channel_moves_along(desk: Exchange) -> None:
    taken = len(desk.board.legs)
    with pytest.raises(LegEnded):
        await desk.board.handover.move(Ghost(), "c1", when_moved=lambda: None)  # type: ignore[arg-type]
    caller = desk.leg("s0")
    move = asyncio.create_task(desk.board.handover.move(desk.caller, "c2", when_moved=lambda: None))
    await turn()
    (offered,) = [item for item in desk.stack.done if item[0] == "reoffer"]
    desk.stack.tell(OfferAnswered("s0", held(far_side().answer(offered[2])[0])))  # type: ignore[arg-type]
    leg = await move
    assert caller.end is not None and desk.trunks.calls("carrier") == 1
    assert len(desk.board.legs) == taken
    await leg.hang_up()
    assert desk.trunks.calls("carrier") == 0


class Ghost:
    """A leg of no session."""

    id = "ghost"
