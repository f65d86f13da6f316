"""Supervisors in the talks of journeys: who hears whom, who is released when, and what the log keeps of it."""

import asyncio
from pathlib import Path

import pytest

from acd.served import Connected
from acd.supervision_facts import SupervisionAsked, SupervisionChanged, SupervisionEnded, SupervisionStarted
from core.errors import CallRejected, LocalProtocolError, TransactionTimeout, Unavailable
from service import supervision
from service.supervision import Supervision
from telephony.facts import LegOver, TalkEnded, TalkStarted
from telephony.media.commands import SwitchRecord
from telephony.media.port import DigitPressed
from telephony.outgoing import OutgoingLeg
from telephony.oversight import Oversight
from telephony.referral import Referral
from tests.unit.service.journeys.doubles import Desk, Talked, hangs_up, turn

QUEUE = "4000000001"
CHIEF = "901"


class Call(Talked):
    """A caller who talks with agent 101, and the office of supervisors."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.office = Supervision(desk.house)

    async def begin(self) -> None:
        await super().begin()
        self.desk.queue.said.clear()

    async def ask(self, mode: Oversight, by: str = "boss") -> None:
        await self.office.supervise("c1", CHIEF, mode, by)
        await turn()

    async def comes(self, mode: Oversight = Oversight.LISTEN) -> OutgoingLeg:
        """The supervisor asks and answers his phone."""
        await self.ask(mode)
        leg = await self.desk.agent(CHIEF, "chief")
        self.desk.ringing.set_result(leg)
        await turn()
        return leg

    def ended(self) -> SupervisionEnded:
        (fact,) = self.desk.facts(SupervisionEnded)
        assert isinstance(fact, SupervisionEnded)
        return fact

    def freed(self) -> list[tuple[str, ...]]:
        return [item for item in self.desk.queue.said if item[0] in ("release", "talk over")]


@pytest.fixture
async def call(tmp_path: Path) -> Call:
    call = Call(Desk(tmp_path))
    await call.begin()
    return call


async def test_he_listens_whispers_barges_and_hangs_up(call: Call) -> None:
    desk = call.desk
    leg = await call.comes()
    assert desk.queue.said == [("reserve", CHIEF), ("ring", CHIEF, "101", "supervisor"), ("engage", CHIEF)]
    assert call.ears() == {"out": "in", "in": "out", "chief": "in out"}
    await call.ask(Oversight.WHISPER)
    assert call.ears() == {"out": "in", "in": "chief out", "chief": "in out"}
    await call.ask(Oversight.BARGE)
    assert call.ears() == {"out": "chief in", "in": "chief out", "chief": "in out"}
    desk.clock.advance(7.0)
    hangs_up(leg)
    await turn()
    assert call.ears() == {"out": "in", "in": "out"}, "the talk goes on as it was"
    assert call.ended() == SupervisionEnded(CHIEF, "boss", "barge", "hung_up", 7.0, "101")
    assert call.freed() == [("release", CHIEF)]
    assert desk.facts(TalkEnded) == []
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")
    assert desk.facts(SupervisionAsked) == [SupervisionAsked(CHIEF, "boss", "listen", "101")]
    assert desk.facts(SupervisionStarted) == [SupervisionStarted(CHIEF, "boss", "listen", "101")]
    assert [fact.mode for fact in desk.facts(SupervisionChanged)] == ["whisper", "barge"]  # type: ignore[attr-defined]


async def test_keys_of_his_phone_change_what_he_does(call: Call) -> None:
    leg = await call.comes()
    for key, heard in (("2", "chief out"), ("1", "out"), ("9", "out"), ("3", "chief out")):
        call.desk.media.emit(DigitPressed("chief", key, 100))
        await turn()
        assert call.ears()["in"] == heard
    assert call.ears()["out"] == "chief in"
    changes = call.desk.facts(SupervisionChanged)
    assert [(fact.mode, fact.by) for fact in changes] == [  # type: ignore[attr-defined]
        ("whisper", CHIEF), ("listen", CHIEF), ("barge", CHIEF),
    ]  # fmt: skip
    hangs_up(leg)
    hangs_up(call.inside)
    await call.over()


@pytest.mark.parametrize("mode", [Oversight.LISTEN, Oversight.WHISPER, Oversight.BARGE])
@pytest.mark.parametrize("by", ["agent", "caller"])
async def test_whoever_hangs_up_is_gone_at_once_though_somebody_listens(call: Call, mode: Oversight, by: str) -> None:
    """asterisk#2134: the end of a call came two seconds late while somebody spied on it."""
    leg = await call.comes(mode)
    hangs_up(call.inside if by == "agent" else call.arrival.leg)
    await turn()
    assert call.journey.done(), "without a moment of time"
    assert call.arrival.leg.end is not None and call.inside.end is not None
    assert leg.end is not None and leg.end.by_us, "and the supervisor is released"
    assert await call.over() == ("normal", by)
    assert call.ended().reason == "talk_over"
    assert ("release", CHIEF) in call.freed()


@pytest.mark.parametrize("first", [None, Oversight.LISTEN])
async def test_he_takes_over(call: Call, first: Oversight | None) -> None:
    desk = call.desk
    leg = await call.comes(first or Oversight.TAKE_OVER)
    if first is not None:
        await call.ask(Oversight.TAKE_OVER)
    assert call.ears() == {"out": "chief", "chief": "out"}
    assert call.inside.end is not None and call.inside.end.by_us
    assert LegOver("in", "taken_over") in desk.facts(LegOver)
    assert call.freed() == [("talk over", "101", "q1")], "the agent is in wrap-up, the supervisor talks"
    assert call.ended().reason == "took_over"
    recording = desk.media.of(SwitchRecord)[0].recording
    assert desk.media.of(SwitchRecord) == [SwitchRecord(recording, "out", "chief")]
    joined = [(fact.agent, fact.queue) for fact in desk.facts(TalkStarted)]  # type: ignore[attr-defined]
    assert joined == [("101", "sales"), (CHIEF, "sales")], "it is the queue's talk that goes on"
    hangs_up(leg)
    assert await call.over() == ("normal", "agent")
    assert call.freed()[1:] == [("release", CHIEF)]


async def test_the_caller_hangs_up_at_the_moment_of_taking_over(call: Call) -> None:
    leg = await call.comes()
    await call.office.supervise("c1", CHIEF, Oversight.TAKE_OVER, "boss")
    hangs_up(call.arrival.leg)
    await turn()
    assert leg.end is not None
    assert await call.over() == ("normal", "caller")
    assert call.freed().count(("release", CHIEF)) == 1


async def test_the_agent_hangs_up_at_the_moment_of_taking_over(call: Call) -> None:
    leg = await call.comes()
    await call.office.supervise("c1", CHIEF, Oversight.TAKE_OVER, "boss")
    hangs_up(call.inside)
    await turn()
    assert call.arrival.leg.end is not None or leg.end is None, "he has the caller, or both are gone"
    hangs_up(leg)
    await call.over()
    assert call.freed().count(("release", CHIEF)) == 1


async def test_he_leaves_by_the_page_before_and_after_he_has_answered(call: Call) -> None:
    await call.ask(Oversight.LISTEN)
    call.office.leave("c1", CHIEF, "boss")
    await turn()
    assert ("ringing stopped",) in call.desk.queue.said
    assert call.ended() == SupervisionEnded(CHIEF, "boss", "listen", "left", 0.0, "101")
    call.desk.ringing = asyncio.get_running_loop().create_future()
    leg = await call.comes(Oversight.BARGE)
    call.office.leave("c1", CHIEF, "other")
    await turn()
    assert leg.end is not None and leg.end.by_us
    assert call.ears() == {"out": "in", "in": "out"}
    last = call.desk.facts(SupervisionEnded)[-1]
    assert last == SupervisionEnded(CHIEF, "other", "barge", "left", 0.0, "101")
    with pytest.raises(LocalProtocolError, match="is not in the talk"):
        call.office.leave("c1", CHIEF, "boss")
    hangs_up(call.inside)
    await call.over()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (CallRejected(486), "busy"),
        (CallRejected(603), "rejected"),
        (TransactionTimeout("30 s"), "no_answer"),
        (Unavailable("no worker"), "unavailable"),
    ],
)
async def test_his_phone_is_not_answered(call: Call, fault: Exception, reason: str) -> None:
    await call.ask(Oversight.LISTEN)
    call.desk.ringing.set_exception(fault)
    await turn()
    assert call.ended() == SupervisionEnded(CHIEF, "boss", "listen", reason, 0.0, "101")
    assert call.freed() == [("release", CHIEF)]
    assert call.ears() == {"out": "in", "in": "out"}
    hangs_up(call.inside)
    await call.over()


async def test_the_talk_ends_while_his_phone_rings(call: Call) -> None:
    await call.ask(Oversight.LISTEN)
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")
    assert ("ringing stopped",) in call.desk.queue.said
    assert call.ended().reason == "talk_over"


async def test_what_cannot_be(call: Call) -> None:
    office, queue = call.office, call.desk.queue
    with pytest.raises(LocalProtocolError, match="nobody talks in call c9"):
        await office.supervise("c9", CHIEF, Oversight.LISTEN, "boss")
    with pytest.raises(LocalProtocolError, match="himself"):
        await office.supervise("c1", "101", Oversight.LISTEN, "boss")
    queue.free = False
    with pytest.raises(LocalProtocolError, match="is busy"):
        await office.supervise("c1", CHIEF, Oversight.LISTEN, "boss")
    queue.phone = False
    with pytest.raises(LocalProtocolError, match="is not registered"):
        await office.supervise("c1", CHIEF, Oversight.LISTEN, "boss")
    queue.free = True
    leg = await call.comes()
    with pytest.raises(LocalProtocolError, match="leave that first"):
        await office.supervise("c2", CHIEF, Oversight.LISTEN, "boss")
    hangs_up(leg)
    hangs_up(call.inside)
    await call.over()


async def test_a_transfer_that_is_under_way_goes_before(call: Call) -> None:
    leg = await call.comes()
    call.desk.ringing = asyncio.get_running_loop().create_future()
    referral = Referral(call.desk.stack, "s1", "k", call.inside, "102", None)  # type: ignore[arg-type]
    call.desk.house.transfers.refer(referral)
    await turn()
    with pytest.raises(LocalProtocolError, match="transfer is under way"):
        await call.ask(Oversight.TAKE_OVER)
    colleague = await call.desk.agent("102", "leg-102")
    call.desk.ringing.set_result(colleague)
    await turn()
    hangs_up(call.inside)
    await turn()
    assert leg.end is None, "he stays with the caller"
    hangs_up(colleague)
    await call.over()
    assert (call.ended().reason, call.ended().agent) == ("talk_over", "102")


async def passed_on(call: Call) -> OutgoingLeg:
    """The agent passes the caller on to a colleague, who answers."""
    call.desk.ringing = asyncio.get_running_loop().create_future()
    call.desk.house.transfers.pass_on("c1", "102", "wang")
    await turn()
    colleague = await call.desk.agent("102", "leg-102")
    call.desk.ringing.set_result(colleague)
    await turn()
    await turn()
    return colleague


@pytest.mark.parametrize("mode", [Oversight.LISTEN, Oversight.WHISPER, Oversight.BARGE])
async def test_he_stays_with_a_caller_who_is_passed_on_and_listens(call: Call, mode: Oversight) -> None:
    leg = await call.comes(mode)
    colleague = await passed_on(call)
    assert leg.end is None and call.inside.end is not None
    assert call.ears() == {"out": "leg-102", "leg-102": "out", "chief": "leg-102 out"}
    assert call.desk.facts(SupervisionChanged) == [SupervisionChanged(CHIEF, "boss", "listen", "102")]
    call.desk.media.emit(DigitPressed("chief", "2", 100))
    await turn()
    assert call.ears()["leg-102"] == "chief out", "keys work in this talk too"
    hangs_up(colleague)
    assert await call.over() == ("normal", "agent")
    assert leg.end is not None and leg.end.by_us
    assert (call.ended().reason, call.ended().mode, call.ended().agent) == ("talk_over", "whisper", "102")
    assert call.freed().count(("release", CHIEF)) == 1


async def test_he_waits_while_the_caller_waits_and_listens_to_who_takes_him(call: Call) -> None:
    leg = await call.comes()
    served = call.desk.waits()
    call.desk.house.transfers.pass_on("c1", QUEUE, "wang")
    await turn()
    assert leg.end is None and call.inside.end is not None
    assert call.ears()["chief"] == "", "nobody talks"
    with pytest.raises(LocalProtocolError):
        await call.ask(Oversight.BARGE)
    colleague = await call.desk.agent("102", "leg-102")
    served.set_result(Connected("102", colleague, "q2", "sales"))
    await turn()
    await turn()
    assert call.ears()["chief"] == "leg-102 out"
    hangs_up(leg)
    await turn()
    assert (call.ended().reason, call.ended().agent) == ("hung_up", "102")
    hangs_up(colleague)
    await call.over()


@pytest.mark.parametrize("who", ["caller", "supervisor", "nobody"])
async def test_nobody_takes_the_caller_who_was_passed_on(call: Call, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if who == "nobody":
        monkeypatch.setattr(supervision, "FOLLOW_S", 0.02)
    leg = await call.comes()
    call.desk.waits()
    call.desk.house.transfers.pass_on("c1", QUEUE, "wang")
    await turn()
    if who == "caller":
        hangs_up(call.arrival.leg)
    elif who == "supervisor":
        hangs_up(leg)
    await call.desk.until(SupervisionEnded)
    assert call.ended().reason == {"caller": "talk_over", "supervisor": "hung_up", "nobody": "passed_on"}[who]
    assert leg.end is not None
    if who != "caller":
        hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")
