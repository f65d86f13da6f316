"""Agents ask somebody while their caller hears music; then they return, join all three, or pass him on."""

from pathlib import Path

import pytest

from acd.phone_facts import ConsultAnswered, ConsultEnded, ConsultJoined, ConsultStarted
from core.channels import Channel
from core.errors import CallRejected, LocalProtocolError, NotAllowed, TransactionTimeout, Unavailable
from service.consulting import Consulting
from telephony.facts import (
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
    TransferCompleted,
)
from telephony.media.commands import Play
from telephony.outgoing import OutgoingLeg
from tests.unit.service.journeys.doubles import Desk, Talked, hangs_up, turn

WANG = "13900139000"


class Call(Talked):
    """A caller who talks with agent 101, and whoever carries consultations out."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.office = Consulting(desk.house)

    async def begin(self) -> None:
        await super().begin()
        self.desk.queue.said.clear()

    async def asks(self, to: str = "102") -> OutgoingLeg:
        """He asks, and the other answers."""
        self.office.begin("c1", to, "wang")
        await turn()
        leg = await self.desk.agent(to, "other")
        (self.desk.ringing if to == "102" else self.desk.abroad).set_result(leg)
        await turn()
        return leg

    def ended(self) -> str:
        (fact,) = self.desk.facts(ConsultEnded)
        assert isinstance(fact, ConsultEnded)
        return fact.reason


@pytest.fixture
async def call(tmp_path: Path) -> Call:
    call = Call(Desk(tmp_path))
    await call.begin()
    return call


async def test_he_asks_a_colleague_joins_all_three_and_returns(call: Call) -> None:
    desk = call.desk
    call.office.begin("c1", "102", "wang")
    await turn()
    assert desk.queue.said == [("reserve", "102"), ("ring", "102", "13800138000")]
    assert call.ears() == {"out": "", "in": ""}
    playing = {play.leg: play.sounds[0] for play in desk.media.of(Play)}
    assert Path(str(playing["out"])).stem == "hold_music"
    assert playing["in"] == "tone:ringback"
    other = await desk.agent("102", "other")
    desk.ringing.set_result(other)
    await turn()
    assert call.ears() == {"out": "", "in": "other", "other": "in"}
    assert len(desk.facts(TalkHeld)) == 1 and desk.facts(TalkResumed) == []
    await call.office.join("c1", "wang")
    assert call.ears() == {"out": "in other", "in": "other out", "other": "in out"}
    assert len(desk.facts(TalkResumed)) == 1
    call.office.leave("c1", "wang")
    await turn()
    assert other.end is not None and other.end.by_us
    assert call.ears() == {"out": "in", "in": "out"}
    assert desk.queue.said[2:] == [("engage", "102"), ("release", "102")]
    assert desk.facts(ConsultStarted) == [ConsultStarted("101", "102", "wang")]
    assert desk.facts(ConsultAnswered) == [ConsultAnswered("101", "102")]
    assert desk.facts(ConsultJoined) == [ConsultJoined("101", "102", "wang")]
    assert desk.facts(ConsultEnded) == [ConsultEnded("101", "102", "wang", "returned")]
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("how", ["page", "hangs up"])
async def test_he_passes_the_caller_on(call: Call, how: str, joined: bool) -> None:
    desk = call.desk
    other = await call.asks()
    if joined:
        await call.office.join("c1", "wang")
    if how == "page":
        call.office.complete("c1", "wang")
    else:
        hangs_up(call.inside)
    await turn()
    assert call.inside.end is not None
    assert call.ears() == {"out": "other", "other": "out"}
    assert call.ended() == "transferred"
    assert desk.facts(TransferCompleted) == [TransferCompleted("attended", "wang", "102", "102")]
    assert [fact.agent for fact in desk.facts(TalkStarted)] == ["101", "102"]  # type: ignore[attr-defined]
    assert ("release", "102") not in desk.queue.said
    hangs_up(other)
    assert await call.over() == ("normal", "agent")
    assert desk.queue.said.count(("release", "102")) == 1


async def test_a_number_outside_is_asked_and_has_the_caller(call: Call) -> None:
    desk = call.desk
    other = await call.asks(WANG)
    assert ("dial", WANG, "carrier") in desk.queue.said
    call.office.complete("c1", "wang")
    await turn()
    assert call.ears() == {"out": "other", "other": "out"}
    assert [fact.agent for fact in desk.facts(TalkEnded)] == ["101"]  # type: ignore[attr-defined]
    hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")
    assert other.end is not None and other.end.by_us


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (CallRejected(486), "busy"),
        (CallRejected(603), "rejected"),
        (TransactionTimeout("rang in vain"), "no_answer"),
        (Unavailable("no phone"), "unavailable"),
    ],
)
async def test_whom_he_asks_is_not_reached_and_he_has_his_caller_again(
    call: Call, fault: Exception, reason: str
) -> None:
    call.desk.ringing.set_exception(fault)
    call.office.begin("c1", "102", "wang")
    await turn()
    assert call.ended() == reason
    assert call.ears() == {"out": "in", "in": "out"}
    assert call.desk.queue.said[-1] == ("release", "102")
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")


async def test_he_hears_what_the_network_says_before_the_number_outside_answers(call: Call) -> None:
    """First one trunk speaks and is given up, then the next, and somebody answers there."""
    desk = call.desk
    first, second = await desk.agent(WANG, "first"), await desk.agent(WANG, "second")
    call.office.begin("c1", WANG, "wang")
    await turn()
    ringing = desk.media.legs["in"].playing
    assert ringing is not None and ringing.sounds == ("tone:ringback",)
    assert desk.early is not None
    desk.early(first)
    await turn()
    assert desk.media.legs["in"].playing is None
    assert call.ears() == {"out": "", "in": "first", "first": "in", "second": ""}
    hangs_up(first)
    desk.early(second)
    await turn()
    assert call.ears() == {"out": "", "in": "second", "second": "in"}
    assert desk.facts(ConsultAnswered) == []
    desk.abroad.set_result(second)
    await turn()
    assert call.ears() == {"out": "", "in": "second", "second": "in"}
    assert desk.early is None and len(desk.facts(ConsultAnswered)) == 1
    call.office.leave("c1", "wang")
    await turn()
    assert call.ears() == {"out": "in", "in": "out"}


async def test_the_network_has_spoken_and_refuses(call: Call) -> None:
    desk = call.desk
    early = await desk.agent(WANG, "early")
    call.office.begin("c1", WANG, "wang")
    await turn()
    assert desk.early is not None
    desk.early(early)
    await turn()
    hangs_up(early)
    desk.abroad.set_exception(CallRejected(404))
    await turn()
    assert call.ended() == "not_found"
    assert call.ears() == {"out": "in", "in": "out"}
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")


async def test_whom_he_asks_hangs_up(call: Call) -> None:
    other = await call.asks()
    hangs_up(other)
    await turn()
    assert call.ended() == "hung_up"
    assert call.ears() == {"out": "in", "in": "out"}
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent"), "the caller is nobody else's"


@pytest.mark.parametrize("answered", [False, True])
async def test_the_caller_hangs_up_and_so_is_whom_he_asks(call: Call, answered: bool) -> None:
    if answered:
        await call.asks()
    else:
        call.office.begin("c1", "102", "wang")
        await turn()
    hangs_up(call.arrival.leg)
    assert await call.over() == ("normal", "caller")
    assert call.ended() == "talk_over"
    assert ("release", "102") in call.desk.queue.said


async def test_the_agent_hangs_up_before_the_other_has_answered(call: Call) -> None:
    call.office.begin("c1", "102", "wang")
    await turn()
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")
    assert ("ringing stopped",) in call.desk.queue.said
    assert call.ended() == "talk_over"


async def test_what_cannot_be(call: Call) -> None:
    office, queue = call.office, call.desk.queue
    with pytest.raises(LocalProtocolError, match="no agent talks in call c9"):
        office.begin("c9", "102", "wang")
    with pytest.raises(LocalProtocolError, match="talks in this call himself"):
        office.begin("c1", "101", "wang")
    with pytest.raises(LocalProtocolError, match="neither a colleague nor"):
        office.begin("c1", "4000000001", "wang")  # a queue
    with pytest.raises(NotAllowed, match="abroad"):
        office.begin("c1", "0014155550100", "wang")
    queue.free = False
    with pytest.raises(LocalProtocolError, match="phone of 102 is busy"):
        office.begin("c1", "102", "wang")
    with pytest.raises(LocalProtocolError, match="nobody is being asked"):
        office.leave("c1", "wang")
    queue.free, queue.barred = True, {Channel.DIRECT, Channel.OUTSIDE}
    with pytest.raises(LocalProtocolError, match="102 takes no direct calls"):
        office.begin("c1", "102", "wang")
    with pytest.raises(LocalProtocolError, match="101 calls no numbers outside"):
        office.begin("c1", WANG, "wang")
    queue.barred = set()
    office.begin("c1", "102", "wang")
    with pytest.raises(LocalProtocolError, match="is being asked already"):
        office.begin("c1", WANG, "wang")
    with pytest.raises(LocalProtocolError, match="nobody has been asked"):
        office.complete("c1", "wang")
    with pytest.raises(LocalProtocolError, match="nobody has been asked"):
        await office.join("c1", "wang")
    hangs_up(call.inside)
    assert await call.over() == ("normal", "agent")
