"""The part in which caller and agent talk."""

import asyncio
from pathlib import Path

import pytest

from core.errors import LegEnded, Unavailable
from service.house import House
from service.journeys.conversation import Conversation
from service.journeys.ringing import Inside
from service.journeys.verdict import Verdict
from telephony.bridge import Parties
from telephony.facts import RecordingFinished, RecordingStarted, TalkStarted
from telephony.media.commands import Record
from telephony.ports import EndReason
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def talk(parties: Parties, house: House, *, record: bool) -> Verdict:
    """The talk and its recording, to their ends."""
    conversation = Conversation(parties.outside, "13800138000", house, record=record)
    try:
        verdict = await conversation.talk(Inside(parties.inside, parties.agent, parties.queue))
        assert isinstance(verdict, Verdict)
        return verdict
    finally:
        conversation.tape.end()


async def _parties(desk: Desk) -> Parties:
    outside = desk.arrive("4000000001").leg
    await outside.answer()
    return Parties(outside, await desk.agent(), "101", "sales")


async def test_caller_on_the_left_agent_on_the_right(desk: Desk) -> None:
    parties = await _parties(desk)
    talking = asyncio.create_task(talk(parties, desk.house, record=True))
    await desk.until(TalkStarted)
    (recorded,) = desk.media.of(Record)
    assert (recorded.left, recorded.right) == ("out", "in")
    (started,) = desk.facts(RecordingStarted)
    assert (started.left, started.right) == ("caller", "agent")
    hangs_up(parties.inside)
    assert await talking == Verdict(EndReason.NORMAL, "agent")
    await desk.settled()
    assert len(desk.facts(RecordingFinished)) == 1


async def test_a_disk_that_cannot_record_does_not_end_the_talk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise Unavailable("disk full")

    monkeypatch.setattr(desk.house.recorder, "start", broken)
    parties = await _parties(desk)
    talking = asyncio.create_task(talk(parties, desk.house, record=True))
    await desk.until(TalkStarted)
    assert desk.media.legs["out"].partner == "in"
    hangs_up(parties.inside)
    assert await talking == Verdict(EndReason.NORMAL, "agent")
    await desk.settled()


async def test_the_caller_was_gone_before(desk: Desk) -> None:
    parties = await _parties(desk)
    hangs_up(parties.outside)
    await turn()
    with pytest.raises(LegEnded):
        await talk(parties, desk.house, record=False)
    await desk.settled()
    assert parties.inside.end is not None, "the agent is not left alone on the line"


async def test_a_cancelled_talk_leaves_nothing_open(desk: Desk) -> None:
    parties = await _parties(desk)
    talking = asyncio.create_task(talk(parties, desk.house, record=True))
    await desk.until(TalkStarted)
    talking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talking
    await desk.settled()
    assert parties.inside.end is not None
    assert len(desk.facts(RecordingFinished)) == 1
    assert desk.media.recordings == {}
