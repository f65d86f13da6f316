"""Legs in both directions: what they say to the far end, to media and to the log, whatever crosses whatever."""

import asyncio

import pytest

from core.errors import CallRejected, LegEnded, LocalProtocolError, TransactionTimeout, Unavailable
from core.tap_target import TapTarget
from telephony import incoming
from telephony.facts import LegAnswered, LegMeasured, LegOver, LegScored, LegStarted
from telephony.incoming import IncomingLeg
from telephony.leg_life import LegName
from telephony.measured import measured
from telephony.media.commands import Close, Tap, Update
from telephony.media.port import LegQuality, QualityReported, StreamQuality, Tone
from telephony.negotiation import SdpSide, Terms
from telephony.outgoing import OutgoingLeg
from telephony.ports import EndReason, Leg, LegEnd
from telephony.sdp.audio import audio_types
from telephony.sdp.sdes import Encryption
from telephony.sdp.session import parse_sdp
from telephony.sip.events import (
    Answered,
    Cancelled,
    Confirmed,
    DigitInfo,
    HungUp,
    LateAnswer,
    Offered,
    Progressed,
    Refused,
    TimedOut,
)
from tests.unit.telephony.doubles import FAR, Rooms, far_side, held


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Desk(Rooms):
    """One leg of each direction at a time."""

    def incoming(self, offer: bytes | None) -> IncomingLeg:
        name = LegName("l1", "c1", "13800138000", "caller")
        return IncomingLeg(
            name, stack=self.stack, room=self.room, log=self.log, session="s0", offer=offer, terms=Terms()
        )  # fmt: skip

    def outgoing(self) -> OutgoingLeg:
        return OutgoingLeg(LegName("l2", "c1", "101", "agent", "101"), stack=self.stack, room=self.room, log=self.log)

    def connect(self, leg: OutgoingLeg, timeout_s: float = 60.0) -> "asyncio.Task[None]":
        self.offers: list[bytes] = []

        def invite(offer: bytes) -> str:
            self.offers.append(offer)
            return "s1"

        return asyncio.create_task(leg.connect(invite, Terms(), timeout_s))

    def answer(self) -> bytes:
        return far_side().answer(self.offers[0])[0]

    def facts(self) -> list[object]:
        return [event.fact for event in self.log.events]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_incoming_leg_rings_is_answered_and_hung_up(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer())
    assert (leg.id, leg.call_id, leg.number, leg.end) == ("l1", "c1", "13800138000", None)
    await leg.ring()
    await leg.answer()
    await leg.answer()
    assert desk.stack.names() == ["progress", "accept"]
    assert desk.media.of(Update)[0].stream.remote == FAR
    gone: list[str] = []
    leg.when_gone(lambda: gone.append("gone"))
    await leg.hang_up()
    await leg.hang_up()
    await turn()
    assert desk.stack.names() == ["progress", "accept", "hang_up"]
    assert await leg.wait_ended() == LegEnd(EndReason.NORMAL, by_us=True)
    assert gone == ["gone"]
    assert desk.facts() == [LegStarted("l1", "caller"), LegAnswered("l1"), LegOver("l1", "normal")]
    assert desk.media.of(Close) == [Close("l1")]


async def test_the_quality_of_a_leg_is_a_fact_once_its_audio_is_closed(desk: Desk) -> None:
    received, sent = StreamQuality(1000, 50, 0.0476, 3.1, 3.9), StreamQuality(990, 0, 0.0, 1.0, 4.37)
    desk.media.quality = LegQuality(received, sent, 12.5)
    leg = desk.incoming(far_side().offer())
    await leg.answer()
    await leg.hang_up()
    await turn()
    fact = LegMeasured("l1", "caller", "", "PCMA", 1000, 50, 0.0476, 3.1, 3.9, 990, 0, 0.0, 1.0, 4.37, 12.5)
    assert desk.facts()[-2:] == [LegOver("l1", "normal"), fact]


async def test_a_voice_that_gets_worse_is_a_fact_and_one_that_stays_good_is_none(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.answer()

    def told(received: float, sent: float | None) -> None:
        there = None if sent is None else StreamQuality(500, 0, 0.0, 1.0, sent)
        desk.media.emit(QualityReported("l1", LegQuality(StreamQuality(500, 0, 0.0, 1.0, received), there)))

    for received, sent in ((4.37, None), (4.2, 4.1), (4.2, 2.9), (4.2, 2.5), (3.3, None), (4.3, 4.3)):
        told(received, sent)
    assert [event.fact for event in desk.log.events if isinstance(event.fact, LegScored)] == [
        LegScored("l1", "caller", "", "bad", 2.9),
        LegScored("l1", "caller", "", "poor", 3.3),
        LegScored("l1", "caller", "", "good", 4.3),
    ]


def test_no_opinion_on_a_direction_without_packets() -> None:
    quality = LegQuality(StreamQuality(0, 0, 0.0, 0.0, 4.38))
    assert measured("l1", role="agent", party="101", codec="PCMU", quality=quality) == LegMeasured(
        "l1", "agent", "101", "PCMU", 0, 0, 0.0, 0.0, None
    )


@pytest.mark.parametrize(
    ("refusal", "told"),
    [((480, 0), (480, 18)), ((403, 0), (403, 21)), ((503, 0), (500, 41)), ((480, 17), (486, 17))],
)
async def test_somebody_elses_refusal_is_passed_on(desk: Desk, refusal: tuple[int, int], told: tuple[int, int]) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.hang_up(EndReason.UNAVAILABLE, status=refusal[0], cause=refusal[1])
    assert desk.stack.done == [("reject", "s0", told[0])]
    assert desk.stack.causes["s0"].startswith(f"Q.850;cause={told[1]};")


@pytest.mark.parametrize(
    ("reason", "status"),
    [(EndReason.BUSY, 486), (EndReason.NOT_FOUND, 404), (EndReason.UNAVAILABLE, 503), (EndReason.INTERRUPTED, 480)],
)
async def test_an_incoming_leg_that_was_not_answered_is_refused(desk: Desk, reason: EndReason, status: int) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.ring()
    await leg.hang_up(reason)
    assert desk.stack.done[-1] == ("reject", "s0", status)
    for work in (leg.ring(), leg.answer(), leg.play([]), leg.next_digit()):
        with pytest.raises(LegEnded):
            await work
    await leg.stop_tap()


async def test_the_caller_cancels_while_the_port_is_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = asyncio.Event()
    real = desk.media.open

    async def slowly(leg: str, *, near: str = "") -> object:
        await opened.wait()
        return await real(leg, near=near)

    monkeypatch.setattr(desk.media, "open", slowly)
    leg = desk.incoming(far_side().offer())
    answering = asyncio.create_task(leg.answer())
    await turn()
    leg.on_sip(Cancelled("s0"))
    opened.set()
    with pytest.raises(LegEnded):
        await answering
    assert "accept" not in desk.stack.names()
    assert desk.media.legs == {}, "the port is free again"
    assert leg.end == LegEnd(EndReason.CANCELLED, by_us=False)


async def test_an_offer_that_nobody_can_speak_is_refused(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer().replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18"))
    with pytest.raises(LegEnded):
        await leg.answer()
    await turn()
    assert desk.stack.done == [("reject", "s0", 488)]
    assert desk.media.legs == {}
    assert leg.end == LegEnd(EndReason.REJECTED, by_us=True, status=488)


async def test_a_late_offer(desk: Desk) -> None:
    leg = desk.incoming(None)
    await leg.answer()
    ((_, _, ours),) = desk.stack.done
    assert desk.media.of(Update) == []
    leg.on_sip(LateAnswer("s0", far_side().answer(ours)[0]))
    await turn()
    assert desk.media.of(Update)[0].stream.remote == FAR


async def test_a_late_answer_that_is_no_use_ends_the_leg(desk: Desk) -> None:
    leg = desk.incoming(None)
    await leg.answer()
    leg.on_sip(LateAnswer("s0", b"nonsense"))
    await turn()
    assert leg.end == LegEnd(EndReason.ERROR, by_us=True)
    assert desk.stack.names()[-1] == "hang_up"


async def test_an_ack_without_the_answer_that_it_owes_ends_the_leg(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "BYE_FOLLOWS_S", 0.2)
    leg = desk.incoming(None)
    await leg.answer()
    leg.on_sip(Confirmed("s0"))
    await turn()
    assert leg.end is None, "BYE may follow, of one who had cancelled while we answered"
    assert await leg.wait_ended() == LegEnd(EndReason.ERROR, by_us=True)
    assert desk.stack.names()[-1] == "hang_up"


async def test_an_ack_with_its_answer_is_the_beginning_of_a_talk(desk: Desk) -> None:
    leg = desk.incoming(None)
    await leg.answer()
    ((_, _, ours),) = desk.stack.done
    leg.on_sip(LateAnswer("s0", far_side().answer(ours)[0]))
    leg.on_sip(Confirmed("s0"))
    await turn()
    assert leg.end is None


async def test_an_offer_is_tried_before_anybody_is_rung(desk: Desk) -> None:
    assert desk.incoming(far_side().offer()).speaks()
    six = far_side().offer().replace(b"IN IP4 192.0.2.9", b"IN IP6 2001:db8::9")
    assert b"IP6" in six and desk.incoming(six).speaks(), "which family our worker speaks is not known yet"
    assert desk.incoming(None).speaks(), "it is ours to offer"
    assert (desk.stack.done, desk.media.of(Update)) == ([], [])
    leg = desk.incoming(far_side().offer().replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18"))
    assert not leg.speaks()
    with pytest.raises(LegEnded):
        await leg.ring()
    assert desk.stack.done == [("reject", "s0", 488)]
    assert leg.end == LegEnd(EndReason.REJECTED, by_us=True, status=488)


async def test_changes_in_the_middle_of_a_call(desk: Desk) -> None:
    theirs = far_side()
    leg = desk.incoming(theirs.offer())
    await leg.answer()
    leg.on_sip(Offered("s0", held(theirs.offer())))
    leg.on_sip(Offered("s0", theirs.offer().replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18")))
    leg.on_sip(Offered("s0", None))
    leg.on_sip(Offered("s0", theirs.offer()))
    await turn()
    assert desk.stack.names()[1:] == ["answer_offer", "reject_offer", "answer_offer", "answer_offer"]
    assert b"a=recvonly" in desk.stack.done[1][2]
    assert desk.stack.done[2][2] == 488
    assert [item.stream.send for item in desk.media.of(Update)] == [True, False, True]
    assert leg.end is None


async def test_keys_by_info_and_by_rtp(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer())
    leg.on_sip(DigitInfo("s0", "1"))
    await leg.answer()
    leg.on_sip(DigitInfo("s0", "2"))
    assert await leg.next_digit() == "2", "keys before the answer are nobody's"


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (HungUp("s0"), LegEnd(EndReason.NORMAL, by_us=False)),
        (TimedOut("s0"), LegEnd(EndReason.UNAVAILABLE, by_us=False)),
    ],
)
async def test_the_far_end_goes(desk: Desk, event: HungUp | TimedOut, end: LegEnd) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.answer()
    leg.on_sip(event)
    leg.on_sip(event)
    assert await leg.wait_ended() == end
    await turn()
    assert "hang_up" not in desk.stack.names()
    assert desk.media.legs == {}


async def test_a_lost_worker_ends_the_leg(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.answer()
    desk.media.lose_worker()
    await turn()
    assert leg.end == LegEnd(EndReason.MEDIA_LOST, by_us=True)
    assert desk.stack.names()[-1] == "hang_up"


async def test_no_audio_before_the_answer(desk: Desk) -> None:
    with pytest.raises(LocalProtocolError, match="no audio yet"):
        await desk.incoming(far_side().offer()).play([])


@pytest.mark.parametrize("spoken", ["PCMA", "PCMU"])
async def test_the_second_leg_of_a_call_is_offered_first_what_the_first_one_speaks(desk: Desk, spoken: str) -> None:
    caller = desk.incoming(SdpSide(FAR, (spoken,)).offer())
    await caller.answer()
    connecting = desk.connect(desk.outgoing())
    await turn()
    (media,) = parse_sdp(desk.offers[0]).media
    assert next(iter(audio_types(media))) == spoken
    elsewhere = LegName("l3", "c2", "102", "agent")
    other = desk.connect(OutgoingLeg(elsewhere, stack=desk.stack, room=desk.room, log=desk.log))
    await turn()
    assert next(iter(audio_types(parse_sdp(desk.offers[0]).media[0]))) == "PCMA", "another call has no say"
    for task in (connecting, other):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await turn()


async def test_the_codec_changes_in_mid_call_and_our_next_offer_begins_with_it(desk: Desk) -> None:
    leg = desk.incoming(SdpSide(FAR, ("PCMA",)).offer())
    await leg.answer()
    leg.on_sip(Offered("s0", SdpSide(FAR, ("PCMU",)).offer()))
    await turn()
    assert [update.stream.codec for update in desk.media.of(Update)] == ["PCMA", "PCMU"]
    leg.on_sip(Offered("s0", None))
    await turn()
    offer = desk.stack.done[-1][-1]
    assert isinstance(offer, bytes)
    assert list(audio_types(parse_sdp(offer).media[0])) == ["PCMU", "PCMA"]


async def test_a_leg_that_must_be_encrypted_is_or_is_not_at_all(desk: Desk) -> None:
    terms = Terms(("PCMA",), Encryption.REQUIRED)

    def arrive(leg: str, offer: bytes) -> IncomingLeg:
        name = LegName(leg, "c1", "13800138000", "caller")
        return IncomingLeg(
            name, stack=desk.stack, room=desk.room, log=desk.log, session="s0", offer=offer, terms=terms
        )  # fmt: skip

    await arrive("l1", SdpSide(FAR, ("PCMA",), encryption=Encryption.OPTIONAL).offer()).answer()
    keys = desk.media.of(Update)[0].stream.crypto
    assert keys is not None
    assert keys.send_key != keys.receive_key
    with pytest.raises(LegEnded):
        await arrive("l2", far_side().offer()).answer()
    assert desk.stack.names() == ["accept", "reject"]


async def test_an_outgoing_leg_is_answered(desk: Desk) -> None:
    leg = desk.outgoing()
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Progressed("s1", 180, None))
    await turn()
    assert not connecting.done()
    leg.on_sip(Answered("s1", desk.answer()))
    await connecting
    await leg.answer()
    assert desk.media.of(Update)[0].stream.remote == FAR
    assert desk.facts() == [LegStarted("l2", "agent", "101"), LegAnswered("l2")]
    with pytest.raises(LocalProtocolError):
        await leg.ring()


async def test_early_media_and_an_answer_without_sdp(desk: Desk) -> None:
    leg = desk.outgoing()
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Progressed("s1", 183, desk.answer()))
    await turn()
    assert desk.media.of(Update)[0].stream.remote == FAR
    assert not connecting.done()
    leg.on_sip(Answered("s1", None))
    await connecting


async def test_who_asked_is_told_once_of_sound_before_the_answer(desk: Desk) -> None:
    leg = desk.outgoing()
    told: list[Leg] = []
    leg.when_early = told.append
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Progressed("s1", 180, None))
    await turn()
    assert told == []
    for _ in range(2):
        leg.on_sip(Progressed("s1", 183, desk.answer()))
        await turn()
    assert told == [leg]
    await told[0].start_tap(TapTarget("127.0.0.1", 4000, 1))  # it can be heard
    leg.on_sip(Answered("s1", None))
    await connecting
    assert [command.target.stream for command in desk.media.of(Tap)] == [1]


async def test_sound_that_comes_with_the_answer_is_not_early(desk: Desk) -> None:
    leg = desk.outgoing()
    told: list[Leg] = []
    leg.when_early = told.append
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Answered("s1", desk.answer()))
    await connecting
    assert told == []


async def test_who_speaks_early_is_told_of_once_and_need_not_go_on(desk: Desk) -> None:
    leg = desk.outgoing()
    told: list[Leg] = []
    leg.when_early = told.append
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Progressed("s1", 180, None))
    await turn()
    assert told == []
    leg.on_sip(Progressed("s1", 183, desk.answer()))
    await turn()
    assert told == [leg]
    desk.media.fall_silent("l2")  # many carriers offer audio long before they send any
    await turn()
    assert leg.end is None
    leg.on_sip(Answered("s1", None))
    await connecting
    assert len(desk.media.of(Update)) == 2, "the silence is counted from the answer"
    desk.media.fall_silent("l2")
    await turn()
    assert leg.end == LegEnd(EndReason.MEDIA_LOST, by_us=True)


async def test_who_answers_at_once_speaks_no_more_early(desk: Desk) -> None:
    leg = desk.outgoing()
    told: list[Leg] = []
    leg.when_early = told.append
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Progressed("s1", 183, desk.answer()))
    leg.on_sip(Answered("s1", None))
    await connecting
    assert told == [] and leg.end is None


async def test_a_caller_hears_before_he_is_answered_and_the_answer_says_the_same(desk: Desk) -> None:
    leg = desk.incoming(far_side().offer())
    await leg.ring()
    await leg.early()
    await leg.early()
    playing = asyncio.create_task(leg.play([Tone("ringback")]))
    await turn()
    assert not playing.done()
    desk.media.fall_silent("l1")  # phones say nothing before they are answered
    await turn()
    assert leg.end is None
    await leg.answer()
    assert desk.stack.names() == ["progress", "progress", "accept"]
    said = desk.stack.done[1][-1]
    assert desk.stack.done[1:] == [("progress", "s0", 183, said), ("accept", "s0", said)]
    assert isinstance(said, bytes) and audio_types(parse_sdp(said).media[0])
    await leg.early()
    desk.media.fall_silent("l1")
    await playing
    await turn()
    assert leg.end == LegEnd(EndReason.MEDIA_LOST, by_us=True)
    with pytest.raises(LegEnded):
        await leg.early()


async def test_who_wants_our_offer_or_speaks_nothing_of_ours_hears_nothing_early(desk: Desk) -> None:
    late = desk.incoming(None)
    await late.early()
    assert desk.stack.names() == []
    stranger = desk.incoming(b"v=0\r\n")
    with pytest.raises(LegEnded):
        await stranger.early()
    assert desk.stack.done == [("reject", "s0", 488)]


async def _refused(work: "asyncio.Task[None]", kind: type[Exception]) -> Exception:
    with pytest.raises(kind) as caught:
        await work
    return caught.value


async def test_an_outgoing_leg_is_refused(desk: Desk) -> None:
    leg = desk.outgoing()
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Refused("s1", 486, "Busy Here"))
    error = await _refused(connecting, CallRejected)
    assert isinstance(error, CallRejected)
    assert error.status == 486
    assert leg.end == LegEnd(EndReason.BUSY, by_us=False, status=486)
    assert desk.stack.names() == []


async def test_nobody_answers_in_time(desk: Desk) -> None:
    leg = desk.outgoing()
    error = await _refused(desk.connect(leg, timeout_s=0.0), TransactionTimeout)
    assert "no answer" in str(error)
    assert desk.stack.names() == ["hang_up"]
    assert leg.end == LegEnd(EndReason.NO_ANSWER, by_us=True)


async def test_ringing_is_cancelled(desk: Desk) -> None:
    leg = desk.outgoing()
    connecting = desk.connect(leg)
    await turn()
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await turn()
    assert desk.stack.names() == ["hang_up"]
    assert desk.media.legs == {}


async def test_nobody_can_be_reached(desk: Desk) -> None:
    leg = desk.outgoing()
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(TimedOut("s1"))
    await _refused(connecting, Unavailable)


async def test_no_media_no_call(desk: Desk) -> None:
    desk.media.down = True
    leg = desk.outgoing()
    await _refused(desk.connect(leg), Unavailable)
    assert desk.offers == []
    assert leg.end is not None


@pytest.mark.parametrize(("reasons", "cause"), [(True, 88), (False, 0)])
@pytest.mark.parametrize("sdp", [b"nonsense", None, far_side().offer().replace(b"RTP/AVP", b"RTP/SAVP")])
async def test_an_answer_that_is_no_use_is_none(desk: Desk, sdp: bytes | None, reasons: bool, cause: int) -> None:
    """RFC 3261 §13.2.1: the 200 to an INVITE with an offer holds the answer, unless a response before it did."""
    leg = desk.outgoing()
    leg.reasons = reasons
    connecting = desk.connect(leg)
    await turn()
    leg.on_sip(Answered("s1", sdp))
    error = await _refused(connecting, CallRejected)
    assert isinstance(error, CallRejected)
    assert (error.status, error.cause) == (488, 88)
    assert desk.stack.done == [("hang_up", "s1", cause)]
    assert leg.end == LegEnd(EndReason.ERROR, by_us=True, status=488, cause=88)
    assert LegAnswered("l2") not in desk.facts()
    await turn()
    assert desk.media.legs == {}
