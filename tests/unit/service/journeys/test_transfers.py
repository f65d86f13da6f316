"""Transfers within a journey: who talks with the caller afterwards, who is free again, and what the log says."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import CallRejected, LegEnded, LocalProtocolError, TransactionTimeout, Unavailable
from desk.rating import RatingRules
from service.callers import CallerRules
from service.transfers import Order
from telephony.facts import (
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
    TransferCompleted,
    TransferFailed,
    TransferStarted,
)
from telephony.media.commands import Play, SwitchRecord
from telephony.outgoing import OutgoingLeg
from telephony.referral import Referral
from telephony.security_facts import OutsideCallRefused
from tests.unit.service.journeys.doubles import Desk, Talked, hangs_up, turn

QUEUE = "4000000001"
BOX = "4000000003"


class Call(Talked):
    """A caller who talks with agent 101, out of a queue."""

    def refers(self, number: str, other: object = None, leg: object = None) -> None:
        """The agent's phone sends a REFER."""
        self.desk.house.transfers.refer(
            Referral(self.desk.stack, "s1", "k", leg or self.inside, number, other)  # type: ignore[arg-type]
        )

    def answers(self) -> list[tuple[object, ...]]:
        """What the phone was told."""
        return [command for command in self.desk.stack.done if str(command[0]).endswith("_referral")]

    async def takes(self, agent: str = "102") -> OutgoingLeg:
        """Whoever is rung answers."""
        leg = await self.desk.agent(agent, f"leg-{agent}")
        (self.desk.ringing if agent else self.desk.abroad).set_result(leg)
        await turn()
        return leg

    async def ends(self) -> tuple[str, str]:
        return await self.over(recordings=None)


@pytest.fixture(autouse=True)
def hung_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phones that do not hang up after their transfer are not waited for as long as in life."""
    monkeypatch.setattr("service.transfers.PHONE_HANGS_UP_S", 0.05)


@pytest.fixture
async def call(tmp_path: Path) -> Call:
    call = Call(Desk(tmp_path))
    await call.begin()
    return call


ACCEPTED = ("accept_referral", "s1", "k")


def told(status: int) -> tuple[object, ...]:
    return ("report_referral", "s1", "k", status)


async def test_blind_to_a_colleague(call: Call) -> None:
    desk = call.desk
    call.refers("102")
    await turn()
    assert desk.media.legs["out"].hears == {} and desk.media.legs["in"].hears == {}
    assert desk.media.of(Play)[-1].sounds == ("tone:ringback",)
    assert call.answers() == [ACCEPTED]
    colleague = await call.takes()
    assert call.answers() == [ACCEPTED, told(200)]
    assert desk.media.legs["out"].partner == "leg-102"
    assert desk.media.of(SwitchRecord) == [SwitchRecord(desk.media.of(SwitchRecord)[0].recording, "out", "leg-102")]
    hangs_up(call.inside)  # as phones do when they hear of it
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")
    assert len(desk.facts(RecordingStarted)) == 1, "one recording for the whole call"
    assert desk.facts(TransferStarted) == [TransferStarted("blind", "101", "102")]
    assert desk.facts(TransferCompleted) == [TransferCompleted("blind", "101", "102", "102")]
    assert [fact.agent for fact in desk.facts(TalkEnded)] == ["101", "102"]  # type: ignore[attr-defined]
    assert [" ".join(item[:2]) for item in desk.queue.said] == [
        "serve sales", "reserve 102", "ring 102", "engage 102", "talk over 101", "release 102",
    ]  # fmt: skip


async def test_who_has_talked_longest_is_rated_not_who_talked_last(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of 94 s was a colleague's: 0.6 s; the low score and its task named him."""
    asked: list[tuple[str, str]] = []

    async def ask(_leg: object, _rules: object, queue: str, agent: str, _house: object) -> None:
        asked.append((queue, agent))

    monkeypatch.setattr("service.journeys.inbound.ask_rating", ask)
    desk = call.desk
    desk.house.ratings["sales"] = RatingRules("rating", 2)  # type: ignore[index]
    desk.clock.advance(93.4)
    call.refers("102")
    await turn()
    desk.clock.advance(300.0)  # it rings: that is no talk
    colleague = await call.takes()
    hangs_up(call.inside)
    desk.clock.advance(0.6)
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")
    talks = [fact for fact in desk.facts(TalkEnded) if isinstance(fact, TalkEnded)]
    assert [(it.agent, it.queue, it.talk_s) for it in talks] == [("101", "sales", 93.4), ("102", "sales", 0.6)]
    assert asked == [("sales", "101")]


async def test_a_phone_that_refers_in_the_moment_of_its_answer(tmp_path: Path) -> None:
    call = Call(Desk(tmp_path))
    await call.answered()
    call.refers("102")
    assert call.answers() == [], "it waits until the two are joined"
    await call.desk.until(TalkStarted)
    assert call.answers() == [ACCEPTED]
    talk = [fact.name for event in call.desk.log.events if (fact := event.fact).name.startswith("talk.")]
    assert talk == ["talk.started", "talk.held"]
    colleague = await call.takes()
    assert call.answers() == [ACCEPTED, told(200)]
    assert call.desk.media.legs["out"].partner == "leg-102"
    hangs_up(call.inside)
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")


async def test_a_phone_that_refers_to_a_queue_in_the_moment_of_its_answer(tmp_path: Path) -> None:
    call = Call(Desk(tmp_path))
    call.desk.media.finish_plays = True
    await call.answered()
    call.refers(BOX)
    await call.desk.until(TalkEnded)
    assert call.answers() == [ACCEPTED, told(200)]
    while len(call.desk.facts(RecordingStarted)) < 2:
        await turn()
    call.desk.media.press("out", "#")
    assert await call.ends() == ("normal", "system")


async def test_a_phone_that_does_not_hang_up_after_its_transfer_is_hung_up(call: Call) -> None:
    call.refers("102")
    await turn()
    colleague = await call.takes()
    async with asyncio.timeout(5):
        await call.inside.wait_ended()
    assert call.inside.end is not None and call.inside.end.by_us
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (CallRejected(486), 486, "busy"),
        (CallRejected(603), 603, "rejected"),
        (TransactionTimeout("30 s"), 480, "no_answer"),
        (Unavailable("no worker"), 503, "unavailable"),
    ],
)
async def test_nobody_takes_it_and_the_talk_goes_on(call: Call, fault: Exception, status: int, reason: str) -> None:
    desk = call.desk
    call.refers("102")
    await turn()
    desk.ringing.set_exception(fault)
    await turn()
    assert call.answers() == [ACCEPTED, told(status)]
    assert desk.media.legs["out"].partner == "in"
    assert desk.facts(TransferFailed) == [TransferFailed("blind", "101", "102", reason)]
    assert (len(desk.facts(TalkHeld)), len(desk.facts(TalkResumed)), desk.facts(TalkEnded)) == (1, 1, [])
    assert ("release", "102") in desk.queue.said
    desk.ringing = asyncio.get_running_loop().create_future()
    call.refers("102")  # once more
    await turn()
    colleague = await call.takes()
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")


async def test_busy_is_told_without_disturbing_the_talk(call: Call) -> None:
    call.desk.queue.free = False
    call.refers("102")
    await turn()
    assert call.answers() == [ACCEPTED, told(486)]
    assert call.desk.facts(TalkHeld) == []
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


async def test_a_phone_that_hangs_up_at_once_leaves_the_caller_with_whom_it_named(call: Call) -> None:
    call.refers("102")
    await turn()
    hangs_up(call.inside)
    await turn()
    assert ("talk over", "101", "q1") in call.desk.queue.said, "he is free although the colleague still rings"
    assert len(call.desk.facts(TalkEnded)) == 1
    colleague = await call.takes()
    assert call.desk.media.legs["out"].partner == "leg-102"
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")


async def test_nobody_takes_whom_a_phone_left_behind_so_it_is_rung_again(call: Call) -> None:
    desk = call.desk
    call.refers("102")
    await turn()
    hangs_up(call.inside)
    await turn()
    before, desk.ringing = desk.ringing, asyncio.get_running_loop().create_future()
    before.set_exception(TransactionTimeout("30 s"))
    await turn()
    assert desk.queue.said[-2:] == [("reserve", "101"), ("ring", "101", "13800138000")]
    back = await desk.agent("101", "back")
    desk.ringing.set_result(back)
    await turn()
    assert desk.media.legs["out"].partner == "back"
    hangs_up(back)
    assert await call.ends() == ("normal", "agent")
    assert len(desk.facts(RecordingStarted)) == 1


async def test_blind_to_a_queue_completes_at_once(call: Call) -> None:
    served = call.desk.waits()
    call.refers(QUEUE)
    await turn()
    assert call.answers() == [ACCEPTED, told(200)]
    assert call.desk.queue.said[-1] == ("serve", "sales", "13800138000")
    assert call.desk.facts(TransferCompleted) == [TransferCompleted("blind", "101", QUEUE, "")]
    served.set_exception(Unavailable("closing"))
    assert await call.ends() == ("unavailable", "system")


async def test_blind_to_a_message_box_ends_the_recording_of_the_talk(call: Call) -> None:
    call.desk.media.finish_plays = True
    call.refers(BOX)
    ending = asyncio.ensure_future(call.ends())
    while not ending.done():  # what is pressed before the message begins counts for nothing
        call.desk.media.press("out", "#")
        await asyncio.sleep(0.01)
    assert await ending == ("normal", "system")
    assert len(call.desk.facts(RecordingStarted)) == 2


async def test_blind_to_a_number_outside(call: Call) -> None:
    desk = call.desk
    call.refers("13900139000")
    await turn()
    assert desk.queue.said[-1] == ("dial", "13900139000", "carrier")
    other = await call.takes("")
    assert desk.media.legs["out"].partner == "leg-"
    hangs_up(other)
    assert await call.ends() == ("normal", "agent")
    assert desk.facts(TransferCompleted) == [TransferCompleted("blind", "101", "13900139000", "")]
    assert len(desk.facts(TalkStarted)) == 1, "no agent talks there"


@pytest.mark.parametrize(("fault", "status"), [(CallRejected(486), 486), (Unavailable("no channel"), 503)])
async def test_a_number_outside_that_does_not_take_it(call: Call, fault: Exception, status: int) -> None:
    call.refers("13900139000")
    await turn()
    call.desk.abroad.set_exception(fault)
    await turn()
    assert call.answers()[-1] == told(status)
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


async def test_a_number_outside_that_may_not_be_called(call: Call) -> None:
    call.refers("0013105551234")
    await turn()
    assert call.answers() == [("refuse_referral", "s1", "k", 403)]
    with pytest.raises(LocalProtocolError, match="abroad"):
        call.desk.house.transfers.pass_on("c1", "0013105551234", "boss")
    assert [fact.by for fact in call.desk.facts(OutsideCallRefused)] == ["101", "boss"]  # type: ignore[attr-defined]
    assert call.desk.facts(TransferStarted) == [] and call.desk.facts(TalkHeld) == []
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


@pytest.mark.parametrize(("number", "status"), [("999x", 404), ("", 404), ("9", 404)])
async def test_a_number_that_nobody_has(call: Call, number: str, status: int) -> None:
    call.refers(number)
    assert call.answers() == [("refuse_referral", "s1", "k", status)]
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


async def test_one_transfer_at_a_time(call: Call) -> None:
    call.refers("102")
    call.refers("102")
    assert call.answers() == [ACCEPTED, ("refuse_referral", "s1", "k", 491)]
    await turn()
    hangs_up(call.arrival.leg)
    assert await call.ends() == ("normal", "caller")


async def test_the_caller_hangs_up_while_a_colleague_is_rung(call: Call) -> None:
    call.refers("102")
    await turn()
    hangs_up(call.arrival.leg)
    assert await call.ends() == ("normal", "caller")
    assert call.desk.facts(TransferFailed) == [TransferFailed("blind", "101", "102", "cancelled")]
    assert ("ringing stopped",) in call.desk.queue.said
    assert ("release", "102") in call.desk.queue.said


async def test_who_talks_with_nobody_cannot_transfer(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.early_referrals.JOINED_WITHIN_S", 0.0)
    call.refers("102", leg=SimpleNamespace(id="x", end=None, name=SimpleNamespace(party="101")))
    call.refers("102", leg=call.arrival.leg)  # who called passes nobody on
    await turn()
    assert call.answers() == [("refuse_referral", "s1", "k", 603)] * 2
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


# Attended


class OtherTalk:
    """What 101 consults: he has called 102."""

    def __init__(self, mine: object, theirs: object) -> None:
        self.outside, self.inside, self.agent = mine, theirs, "102"

    def give(self, order: Order) -> bool:
        return False


def _leg(name: str, number: str = "") -> SimpleNamespace:
    return SimpleNamespace(id=name, end=None, number=number, call_id="c2", name=SimpleNamespace(party="101"))


async def _attended(call: Call) -> SimpleNamespace:
    mine, theirs = _leg("mine"), _leg("theirs", "102")
    with call.desk.house.transfers.during(OtherTalk(mine, theirs)):  # type: ignore[arg-type]
        call.refers("102", other=mine)
        await turn()
    return theirs


async def test_attended_brings_whom_he_consulted_into_the_call(call: Call) -> None:
    """asterisk#759: events were missing where a call was transferred after a consultation."""
    desk = call.desk
    await _attended(call)
    assert desk.moving.moved == [("theirs", "c1")]
    assert desk.media.legs["out"].partner == "in", "until then nothing changes"
    colleague = await desk.agent("102", "moved")
    desk.moving.outcome.set_result(colleague)
    await turn()
    assert call.answers() == [ACCEPTED, told(200)]
    assert desk.media.legs["out"].partner == "moved"
    assert ("carry over", "102", "c2", "c1") in desk.queue.said
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")
    assert ("depart", "102", "c1") in desk.queue.said
    assert desk.facts(TransferCompleted) == [TransferCompleted("attended", "101", "102", "102")]
    assert [fact.queue for fact in desk.facts(TalkEnded)] == ["sales", "sales"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [Unavailable("488"), LegEnded("gone")])
async def test_attended_fails_and_the_talk_goes_on(call: Call, fault: Exception) -> None:
    await _attended(call)
    call.desk.moving.outcome.set_exception(fault)
    await turn()
    assert call.answers() == [ACCEPTED, told(503)]
    assert call.desk.media.legs["out"].partner == "in"
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


async def test_attended_with_a_call_that_is_no_talk(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.early_referrals.JOINED_WITHIN_S", 0.0)
    call.refers("102", other=_leg("rings"))
    call.refers("102", other=call.inside)
    await turn()
    assert call.answers() == [("refuse_referral", "s1", "k", 603)] * 2
    hangs_up(call.inside)
    assert await call.ends() == ("normal", "agent")


# By the console


async def test_somebody_at_the_console_passes_a_call_on(call: Call) -> None:
    call.desk.house.transfers.pass_on("c1", "102", "boss")
    await turn()
    colleague = await call.takes()
    assert call.answers() == []
    assert call.desk.facts(TransferCompleted) == [TransferCompleted("blind", "boss", "102", "102")]
    await turn()
    assert call.inside.end is not None and call.inside.end.by_us, "nobody told his phone, so it is hung up"
    hangs_up(colleague)
    assert await call.ends() == ("normal", "agent")


@pytest.mark.parametrize(("call_id", "to"), [("c9", "102"), ("c1", "nobody")])
async def test_what_cannot_be_passed_on_is_told(call: Call, call_id: str, to: str) -> None:
    pass_on: Callable[[str, str, str], None] = call.desk.house.transfers.pass_on
    with pytest.raises(LocalProtocolError):
        pass_on(call_id, to, "boss")
    call.refers("102")
    with pytest.raises(LocalProtocolError):
        pass_on("c1", "102", "boss")
    await turn()
    hangs_up(call.arrival.leg)
    await call.ends()


async def test_whom_an_agent_passes_on_to_a_queue_goes_ahead_by_the_priority_of_that(tmp_path: Path) -> None:
    call = Call(Desk(tmp_path))
    desk = call.desk
    desk.house.callers.rules = CallerRules(ahead_s={"transferred": 300.0})
    await call.begin()
    assert desk.queue.terms.ahead_s == 0.0
    desk.waits()
    call.refers(QUEUE)
    await turn()
    assert desk.queue.terms.ahead_s == 300.0
    hangs_up(call.inside)
    hangs_up(call.arrival.leg)
    assert await call.ends() == ("normal", "caller")
