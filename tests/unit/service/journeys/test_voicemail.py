"""Leaving a message: by key, by hanging up, or until it is long enough."""

import asyncio
from pathlib import Path

import pytest

from core.errors import Unavailable
from ivr.facts import VoicemailLeft
from service.journeys import voicemail as room
from service.journeys.verdict import FINISHED
from service.journeys.voicemail import voicemail
from telephony.facts import RecordingStarted
from telephony.media.commands import Play
from tests.unit.service.journeys.doubles import Desk, turn


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.media.finish_plays = True
    return desk


def _said(desk: Desk) -> list[str]:
    return [Path(play.clips[0]).stem for play in desk.media.of(Play)]


async def test_keys_before_the_tone_do_not_end_it(desk: Desk) -> None:
    leg = desk.arrive("4000000003").leg
    await leg.answer()
    desk.media.press("out", "#")
    leaving = asyncio.create_task(voicemail(leg, "night", desk.house))
    await desk.until(RecordingStarted)
    assert not leaving.done()
    desk.media.press("out", "5#")
    assert await leaving == FINISHED
    await desk.settled()
    assert _said(desk) == ["beep", "message_saved"]
    (left,) = desk.facts(VoicemailLeft)
    assert (left.box, left.duration_s) == ("night", 1.0)


async def test_a_message_is_cut_where_it_is_long_enough(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LONGEST_S", 0.0)
    leg = desk.arrive("4000000003").leg
    await leg.answer()
    assert await voicemail(leg, "night", desk.house) == FINISHED
    await desk.settled()
    assert _said(desk) == ["beep", "message_saved"]
    assert len(desk.facts(VoicemailLeft)) == 1


async def test_nothing_is_promised_where_nothing_can_be_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    leg = desk.arrive("4000000003").leg
    await leg.answer()

    async def full(*_: object) -> None:
        raise Unavailable("no worker")

    monkeypatch.setattr(desk.media, "record", full)
    with pytest.raises(Unavailable):
        await voicemail(leg, "night", desk.house)
    await turn()
    assert _said(desk) == ["beep"]
    assert desk.facts(VoicemailLeft) == []
