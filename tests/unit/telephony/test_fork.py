"""A leg that rings several phones: the first that answers has it, the others fall silent, whatever crosses whatever."""

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import CallRejected, TransactionTimeout, Unavailable
from telephony.facts import LegAnswered, LegOver, LegStarted
from telephony.fork import ForkedLeg
from telephony.leg_life import LegName
from telephony.media.commands import Update
from telephony.negotiation import Terms
from telephony.phones import PhoneTarget
from telephony.ports import TAKEN, EndReason, LegEnd
from telephony.sdp.sdes import Encryption
from telephony.sip.events import Answered, HungUp, Offered, Progressed, Refused, TimedOut
from telephony.sip.hop import Hop
from telephony.sip.uac import NON_SELECTED
from telephony.sip.uri import SipUri, parse_sip_uri
from tests.unit.telephony.doubles import FAR, Rooms, far_side, held
from tests.unit.telephony.test_sip_endpoint import PHONE, Network, fork, ringing


def targets(count: int, terms: Terms | None = None) -> list[PhoneTarget]:
    hosts = [f"192.0.2.{20 + place}" for place in range(count)]
    return [PhoneTarget(SipUri(host, user="101"), Hop("UDP", host, 5060), terms=terms or Terms()) for host in hosts]


class Office(Rooms):
    """Agent 101 is rung at ``count`` phones; their sessions are s1, s2, …"""

    def __init__(
        self, phones: Sequence[PhoneTarget], timeout_s: float = 60.0, broken: frozenset[int] = frozenset()
    ) -> None:
        super().__init__()
        self.dropped: list[str] = []
        self.offers: dict[str, bytes] = {}
        self.leg = ForkedLeg(
            LegName("l1", "c1", "101", "agent", "101"), stack=self.stack, room=self.room, log=self.log,
            drop=self.dropped.append,
        )  # fmt: skip
        rung = iter(range(1, len(phones) + 1))

        def invite(target: PhoneTarget, offer: bytes) -> str:
            place = next(rung)
            if place in broken:
                raise Unavailable("SIP does not listen on TLS")
            self.offers[f"s{place}"] = offer
            return f"s{place}"

        self.ringing = asyncio.create_task(self.leg.connect_first(phones, invite, timeout_s))

    def answer(self, session: str) -> bytes:
        return far_side().answer(self.offers[session])[0]

    async def give_up(self, why: str | None = None) -> None:
        self.ringing.cancel(why)
        with pytest.raises(asyncio.CancelledError):
            await self.ringing

    @property
    def hung_up(self) -> list[object]:
        return [command[1:] for command in self.stack.done if command[0] == "hang_up"]


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_first_that_answers_has_the_call_and_the_others_are_cancelled() -> None:
    office = Office(targets(3))
    await turn()
    assert set(office.offers) == {"s1", "s2", "s3"}
    office.leg.on_sip(Progressed("s1", 180, None))
    office.leg.on_sip(Answered("s2", office.answer("s2")))
    await office.ringing
    assert sorted(office.hung_up) == [("s1", NON_SELECTED), ("s3", NON_SELECTED)]
    assert sorted(office.dropped) == ["s1", "s3"]
    assert office.media.of(Update)[0].stream.remote == FAR
    office.leg.on_sip(
        Refused("s1", 487, "Request Terminated")
    )  # what a cancelled phone says still is of no consequence
    assert office.leg.end is None
    office.leg.on_sip(HungUp("s2"))
    assert office.leg.end == LegEnd(EndReason.NORMAL, by_us=False)
    facts = [type(event.fact) for event in office.log.events if not type(event.fact).__name__.startswith("LegMeas")]
    assert facts == [LegStarted, LegAnswered, LegOver], "several phones are one leg"


async def test_the_one_that_answers_is_hung_up_like_any_leg() -> None:
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Answered("s1", office.answer("s1")))
    await office.ringing
    await office.leg.hang_up()
    assert office.hung_up == [("s2", NON_SELECTED), ("s1",)]


async def test_it_rings_on_while_one_phone_may_still_answer() -> None:
    office = Office(targets(3))
    await turn()
    office.leg.on_sip(Refused("s1", 486, "Busy Here"))
    office.leg.on_sip(TimedOut("s3"))
    assert office.leg.end is None
    office.leg.on_sip(Answered("s2", office.answer("s2")))
    await office.ringing
    assert office.hung_up == []


@pytest.mark.parametrize(
    ("refusals", "status"),
    [
        ((486, 408), 486),
        ((404, 480), 480),
        ((503, 404), 404),
        ((0, 500), 500),
        ((486, 603), 603),
        ((0, 408, 486), 486),
    ],
)
async def test_the_refusal_that_says_most_is_passed_on(refusals: tuple[int, ...], status: int) -> None:
    office = Office(targets(len(refusals)))
    await turn()
    for place, refusal in enumerate(refusals, 1):
        session = f"s{place}"
        office.leg.on_sip(Refused(session, refusal, "") if refusal else TimedOut(session))
    with pytest.raises(CallRejected) as raised:
        await office.ringing
    assert raised.value.status == status


async def test_who_declines_at_one_phone_declines_at_all() -> None:
    office = Office(targets(3))
    await turn()
    office.leg.on_sip(Refused("s1", 486, "Busy Here"))
    office.leg.on_sip(Refused("s2", 603, "Decline"))
    with pytest.raises(CallRejected) as raised:
        await office.ringing
    assert raised.value.status == 603
    assert [session for session, *_ in office.hung_up] == ["s3"]


async def test_phones_that_all_stay_silent() -> None:
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(TimedOut("s1"))
    office.leg.on_sip(TimedOut("s2"))
    with pytest.raises(Unavailable):
        await office.ringing


async def test_nobody_answers_in_time() -> None:
    office = Office(targets(2), timeout_s=0.01)
    with pytest.raises(TransactionTimeout):
        await office.ringing
    assert sorted(session for session, *_ in office.hung_up) == ["s1", "s2"]
    assert office.leg.end == LegEnd(EndReason.NO_ANSWER, by_us=True)


async def test_given_up_no_phone_rings_on() -> None:
    office = Office(targets(2))
    await turn()
    await office.give_up()
    assert sorted(session for session, *_ in office.hung_up) == ["s1", "s2"]
    assert NON_SELECTED not in {cause for _, *causes in office.hung_up for cause in causes}


async def test_phones_of_an_agent_who_was_not_the_first_show_no_missed_call() -> None:
    office = Office(targets(2))
    await turn()
    await office.give_up(TAKEN)
    assert [(session, cause) for session, cause, *_ in sorted(office.hung_up)] == [
        ("s1", NON_SELECTED),
        ("s2", NON_SELECTED),
    ]


async def test_a_phone_that_cannot_even_be_called_does_not_keep_the_others_from_ringing() -> None:
    office = Office(targets(2), broken=frozenset({1}))
    await turn()
    office.leg.on_sip(Answered("s2", office.answer("s2")))
    await office.ringing
    nobody = Office(targets(2), broken=frozenset({1, 2}))
    with pytest.raises(Unavailable, match="TLS"):
        await nobody.ringing


@pytest.mark.parametrize("useless", [b"v=0", None])
async def test_an_answer_that_cannot_be_used_is_no_answer(useless: bytes | None) -> None:
    """RFC 3261 §13.2.1: the 200 to an INVITE with an offer holds the answer, unless a response before it did."""
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Answered("s1", useless))
    assert office.hung_up == [("s1", 88)]
    assert office.leg.end is None, "the other phone may answer well"
    office.leg.on_sip(Answered("s2", office.answer("s2")))
    await office.ringing
    assert office.hung_up == [("s1", 88)]


@pytest.mark.parametrize(("second", "status"), [(None, 488), (486, 486), (503, 488)])
async def test_only_answers_that_cannot_be_used_are_a_refusal(second: int | None, status: int) -> None:
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Answered("s1", None))
    office.leg.on_sip(Answered("s2", None) if second is None else Refused("s2", second, ""))
    with pytest.raises(CallRejected) as raised:
        await office.ringing
    assert raised.value.status == status
    assert LegAnswered("l1") not in [event.fact for event in office.log.events]
    await turn()
    assert office.media.legs == {}


async def test_the_cause_that_a_phone_gives_is_kept() -> None:
    office = Office(targets(1))
    await turn()
    office.leg.on_sip(Refused("s1", 480, "", 17))
    with pytest.raises(CallRejected) as raised:
        await office.ringing
    assert (raised.value.status, raised.value.cause) == (480, 17)
    assert office.leg.end == LegEnd(EndReason.BUSY, by_us=False, status=480, cause=17)


async def test_an_answer_that_came_early_counts_where_the_200_has_none() -> None:
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Progressed("s1", 183, office.answer("s1")))
    assert not office.media.of(Update), "nobody hears a phone before it answers"
    office.leg.on_sip(Answered("s1", None))
    await office.ringing
    assert office.media.of(Update)[0].stream.remote == FAR


async def test_a_phone_may_change_its_voice_before_it_answers() -> None:
    """RFC 3311 §5.2; the 200 then brings nothing that is read."""
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Progressed("s1", 183, office.answer("s1")))
    office.leg.on_sip(Offered("s1", held(far_side().offer()).replace(b"m=audio 4000", b"m=audio 4002")))
    (answer,) = [command[2] for command in office.stack.done if command[:2] == ("answer_offer", "s1")]
    assert isinstance(answer, bytes) and b"a=recvonly" in answer
    assert not office.media.of(Update), "nobody hears a phone before it answers"
    office.leg.on_sip(Answered("s1", None))
    await office.ringing
    (update,) = office.media.of(Update)
    assert (update.stream.remote.port, update.stream.send) == (4002, False)


async def test_a_change_before_the_answer_that_cannot_be_spoken_is_refused_and_what_held_holds() -> None:
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Progressed("s2", 183, office.answer("s2")))
    office.leg.on_sip(Offered("s2", far_side().offer().replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18")))
    assert ("reject_offer", "s2", 488) in office.stack.done
    assert office.stack.warnings["s2"].startswith("305 ")
    office.leg.on_sip(Answered("s2", None))
    await office.ringing
    assert office.media.of(Update)[0].stream.remote == FAR


async def test_a_phone_that_offers_and_goes_at_once_disturbs_nobody() -> None:
    office = Office(targets(1))
    await turn()
    office.stack.gone.add("s1")  # its refusal came in the same moment
    office.leg.on_sip(Offered("s1", far_side().offer()))
    office.leg.on_sip(Refused("s1", 486, ""))
    with pytest.raises(CallRejected):
        await office.ringing


async def test_that_a_phone_rings_is_told_and_nothing_else() -> None:
    office = Office(targets(2))
    told: list[str] = []
    office.leg.when_rings = lambda: told.append("rings")
    await turn()
    office.leg.on_sip(Progressed("s1", 183, office.answer("s1")))
    assert told == []
    office.leg.on_sip(Progressed("s2", 180, None))
    assert told == ["rings"]
    await office.give_up()


async def test_phones_that_cannot_be_reached_have_refused_nothing() -> None:
    """What we say in their place (RFC 3261 §8.1.3.1) is no word of theirs."""
    office = Office(targets(2))
    await turn()
    office.leg.on_sip(Refused("s1", 503, "Unreachable", unreachable=True))
    assert office.leg.end is None
    office.leg.on_sip(Refused("s2", 503, "Unreachable", unreachable=True))
    with pytest.raises(Unavailable):
        await office.ringing
    assert office.leg.end == LegEnd(EndReason.UNAVAILABLE, by_us=False)


@pytest.mark.parametrize(
    ("uri", "transport", "ends"),
    [
        ("sip:101@x.invalid;transport=ws", "WSS", True),
        ("sip:101@198.51.100.4;transport=tls", "TLS", True),
        ("sip:101@10.0.0.4;transport=tcp", "TCP", True),  # behind NAT
        ("sip:101@198.51.100.4;transport=tcp", "TCP", False),  # it may answer by another connection
    ],
)
async def test_a_phone_whose_connection_goes_rings_no_more(uri: str, transport: str, ends: bool) -> None:
    hop = Hop(transport, "198.51.100.4", 40000)
    office = Office([PhoneTarget(parse_sip_uri(uri), hop), *targets(1)])
    await turn()
    office.leg.on_sip(Progressed("s1", 180, None))
    office.leg.flow_lost(Hop(transport, "198.51.100.4", 40001))
    assert office.hung_up == []
    office.leg.flow_lost(hop)
    assert office.hung_up == ([("s1",)] if ends else [])
    assert office.leg.end is None, "the other one rings on"
    office.leg.on_sip(Answered("s2", office.answer("s2")))
    await office.ringing


async def test_every_phone_is_offered_keys_of_its_own() -> None:
    office = Office(targets(2, Terms(encryption=Encryption.REQUIRED)))
    await turn()
    keys = [line for offer in office.offers.values() for line in offer.splitlines() if line.startswith(b"a=crypto")]
    assert len(keys) == len(set(keys)) >= 2
    ports = {line for offer in office.offers.values() for line in offer.splitlines() if line.startswith(b"m=")}
    assert len(ports) == 1
    await office.give_up()


@pytest.mark.parametrize(
    ("cause", "reasons"), [(NON_SELECTED, ['SIP;cause=200;text="Call completed elsewhere"']), (16, [])]
)
def test_a_phone_is_told_that_another_one_answered_so_that_it_shows_no_missed_call(
    cause: int, reasons: list[str]
) -> None:
    network = Network()
    caller, session, invite = ringing(network)
    network.inject(fork(invite, 180, "one"), caller, PHONE)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now, cause))
    (cancel,) = network.sent("CANCEL")
    assert cancel.headers.get_all("Reason") == reasons
