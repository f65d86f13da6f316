"""Two people talking: joined, held, resumed and parted, with the seconds counted."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LegEnded
from telephony.bridge import Parties, Talk, TalkTime
from telephony.facts import TalkEnded, TalkHeld, TalkResumed, TalkStarted
from telephony.leg_audio import LegAudio
from telephony.media.port import Stream
from telephony.oversight import Oversight, ears
from telephony.ports import EndReason, LegEnd
from tests.unit.telephony.doubles import FAR, Rooms

MUSIC = Path("hold_music.wav")
TALKS = Stream(FAR, "PCMA", 8)
HOLDS = Stream(FAR, "PCMA", 8, send=False)


class Party:
    """A leg as ``Talk`` sees it, with real audio of the double."""

    call_id = "c1"

    def __init__(self, audio: LegAudio) -> None:
        self.id = audio.leg
        self.audio = audio
        self.end: LegEnd | None = None
        self.ended: asyncio.Future[LegEnd] = asyncio.get_running_loop().create_future()

    async def wait_ended(self) -> LegEnd:
        return await asyncio.shield(self.ended)

    async def play(self, clips: Sequence[Path], *, loop: bool = False) -> bool:
        return await self.audio.play(clips, loop=loop)


class Desk(Rooms):
    """Caller and agent, talking."""

    async def begin(self) -> None:
        self.outside = Party(await self.room.open("out", lost=lambda: None, group="c1"))
        self.inside = Party(await self.room.open("in", lost=lambda: None, group="c1"))
        for party in (self.outside, self.inside):
            await party.audio.update(TALKS)
        self.talker = Talk(self.room, self.log, self.clock, [MUSIC])
        self.talk = asyncio.create_task(self.talker.run(Parties(self.outside, self.inside, "101", "sales")))
        await self.turn()

    async def turn(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def hang_up(self) -> LegEnd:
        self.inside.ended.set_result(LegEnd(EndReason.NORMAL, by_us=False))
        return await self.talk

    @property
    def joined(self) -> bool:
        return self.media.legs["out"].partner == "in"


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.begin()
    return desk


async def test_joined_until_the_agent_leaves(desk: Desk) -> None:
    assert desk.joined
    desk.clock.advance(12.5)
    assert await desk.hang_up() == LegEnd(EndReason.NORMAL, by_us=False)
    assert not desk.joined
    assert [event.fact for event in desk.log.events] == [
        TalkStarted("101", "sales"),
        TalkEnded("101", 12.5, 0.0, "sales"),
    ]


async def test_hold_plays_music_and_is_counted(desk: Desk) -> None:
    desk.clock.advance(10)
    await desk.inside.audio.update(HOLDS)
    await desk.turn()
    assert not desk.joined
    assert desk.media.playing("out") == (MUSIC,)
    assert desk.media.legs["out"].playing is not None and desk.media.legs["out"].playing.loop
    desk.clock.advance(4)
    await desk.inside.audio.update(TALKS)
    await desk.turn()
    assert desk.joined
    assert desk.media.playing("out") == ()
    desk.clock.advance(1)
    await desk.inside.audio.update(HOLDS)
    await desk.turn()
    assert desk.media.playing("out") == (MUSIC,), "a second time as the first"
    desk.clock.advance(2)
    await desk.hang_up()
    await desk.turn()
    assert desk.media.playing("out") == ()
    facts = [event.fact for event in desk.log.events][1:]
    assert facts == [
        TalkHeld("101"), TalkResumed("101"), TalkHeld("101"), TalkEnded("101", 11.0, 6.0, "sales"),
    ]  # fmt: skip


async def test_hold_and_resume_at_once_end_joined(desk: Desk) -> None:
    for stream in (HOLDS, TALKS, HOLDS, TALKS):
        await desk.inside.audio.update(stream)
    await desk.turn()
    assert desk.joined
    assert desk.media.playing("out") == ()
    await desk.hang_up()


async def test_an_agent_who_holds_from_the_beginning(desk: Desk) -> None:
    await desk.inside.audio.update(HOLDS)
    again = Talk(desk.room, desk.log, desk.clock, [MUSIC])
    talk = asyncio.create_task(again.run(Parties(desk.outside, desk.inside, "101")))
    await desk.turn()
    assert desk.media.playing("out") == (MUSIC,)
    for task in (talk, desk.talk):
        task.cancel()
    await asyncio.gather(talk, desk.talk, return_exceptions=True)


async def test_the_caller_leaves(desk: Desk) -> None:
    desk.clock.advance(3)
    desk.talk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await desk.talk
    assert not desk.joined
    assert desk.log.facts(TalkEnded) == [TalkEnded("101", 3.0, 0.0, "sales")]


async def test_the_audio_of_the_caller_goes_during_hold(desk: Desk) -> None:
    await desk.inside.audio.update(HOLDS)
    await desk.turn()
    await desk.room.close(desk.outside.audio)
    await desk.inside.audio.update(TALKS)
    await desk.turn()
    assert not desk.talk.done(), "the end of the leg ends the talk, not its audio"
    desk.talk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await desk.talk
    assert len(desk.log.facts(TalkEnded)) == 1


async def test_nobody_to_join_is_no_talk() -> None:
    desk = Rooms()
    outside = Party(await desk.room.open("out", lost=lambda: None))
    inside = Party(await desk.room.open("in", lost=lambda: None))
    await desk.room.close(inside.audio)
    with pytest.raises(LegEnded):
        await Talk(desk.room, desk.log, desk.clock, [MUSIC]).run(Parties(outside, inside, "101"))
    assert desk.log.events == []


def ears_of(desk: Desk) -> dict[str, str]:
    """Who hears whom at the media port."""
    return {name: " ".join(sorted(leg.hears)) for name, leg in desk.media.legs.items()}


async def supervisor(desk: Desk, name: str = "chief") -> Party:
    party = Party(await desk.room.open(name, lost=lambda: None, group="c1"))
    await party.audio.update(TALKS)
    return party


async def test_a_supervisor_listens_whispers_barges_and_takes_over(desk: Desk) -> None:
    chief = await supervisor(desk)
    talk = desk.talker
    await talk.supervise(chief, Oversight.LISTEN)
    assert ears_of(desk) == {"out": "in", "in": "out", "chief": "in out"}
    await talk.supervise(chief, Oversight.WHISPER)
    assert ears_of(desk) == {"out": "in", "in": "chief out", "chief": "in out"}
    await talk.supervise(chief, Oversight.BARGE)
    assert ears_of(desk) == {"out": "chief in", "in": "chief out", "chief": "in out"}
    assert talk.successor is None
    await talk.supervise(chief, Oversight.TAKE_OVER)
    assert ears_of(desk) == {"out": "chief", "in": "", "chief": "out"}
    assert talk.successor is chief
    await desk.hang_up()
    assert ears_of(desk) == {"out": "chief", "in": "", "chief": "out"}, "the agent goes, the caller talks on"


async def test_a_dismissed_supervisor_hears_nothing_and_the_talk_goes_on(desk: Desk) -> None:
    chief = await supervisor(desk)
    await desk.talker.supervise(chief, Oversight.BARGE)
    await desk.talker.dismiss(chief)
    assert ears_of(desk) == {"out": "in", "in": "out", "chief": ""}
    await desk.talker.dismiss(chief)
    await desk.hang_up()
    assert ears_of(desk) == {"out": "", "in": "", "chief": ""}
    with pytest.raises(LegEnded):
        await desk.talker.supervise(chief, Oversight.LISTEN)


async def test_supervision_outlives_a_hold_and_stops_music_where_he_barges_in(desk: Desk) -> None:
    chief = await supervisor(desk)
    await desk.talker.supervise(chief, Oversight.LISTEN)
    await desk.inside.audio.update(HOLDS)
    await desk.turn()
    assert ears_of(desk) == {"out": "", "in": "", "chief": "out"}
    assert desk.media.playing("out") == (MUSIC,)
    await desk.talker.supervise(chief, Oversight.BARGE)
    assert ears_of(desk) == {"out": "chief", "in": "", "chief": "out"}
    assert desk.media.playing("out") == ()
    await desk.inside.audio.update(TALKS)
    await desk.turn()
    assert ears_of(desk) == {"out": "chief in", "in": "chief out", "chief": "in out"}
    await desk.hang_up()


async def test_a_supervisor_who_hangs_up_is_forgotten(desk: Desk) -> None:
    chief = await supervisor(desk)
    await desk.talker.supervise(chief, Oversight.TAKE_OVER)
    chief.end = LegEnd(EndReason.NORMAL, by_us=False)
    await desk.room.close(chief.audio)
    assert desk.talker.successor is None
    await desk.inside.audio.update(HOLDS)
    await desk.inside.audio.update(TALKS)
    await desk.turn()
    assert desk.joined
    with pytest.raises(LegEnded):
        await desk.talker.supervise(Party(chief.audio), Oversight.LISTEN)
    assert desk.joined
    await desk.hang_up()


@given(
    guests=st.dictionaries(st.sampled_from(["x", "y", "z"]), st.sampled_from(Oversight)),
    held=st.booleans(),
)
def test_nobody_hears_who_only_listens_and_no_caller_a_whisper(guests: dict[str, Oversight], held: bool) -> None:
    hears = ears("out", "in", guests, held=held)
    for guest, how in guests.items():
        if how is Oversight.LISTEN:
            assert all(guest not in sources for sources in hears.values())
        if how is Oversight.WHISPER:
            assert guest not in hears["out"]
    assert all(leg not in sources for leg, sources in hears.items()), "nobody hears himself"
    assert all(source in hears for sources in hears.values() for source in sources)


def test_talk_time() -> None:
    time = TalkTime(100.0)
    assert not time.resume(101.0)
    assert time.hold(110.0)
    assert not time.hold(111.0)
    assert time.resume(115.5)
    assert time.hold(120.0)
    assert time.totals(123.25) == (14.5, 8.75)


async def test_a_parked_talk_counts_as_held_and_leaves_the_outside_to_whoever_parked_it(desk: Desk) -> None:
    desk.clock.advance(5)
    await desk.talker.park(True)
    assert desk.media.legs["out"].hears == {} and desk.media.playing("out") == ()
    await desk.inside.audio.update(HOLDS)  # its phone holds as well, and comes back: still parked
    await desk.inside.audio.update(TALKS)
    await desk.turn()
    assert not desk.joined and desk.media.playing("out") == ()
    desk.clock.advance(3)
    await desk.talker.park(False)
    assert desk.joined
    await desk.hang_up()
    await desk.talker.park(True)  # too late, and no error
    facts = [event.fact for event in desk.log.events][1:]
    assert facts == [TalkHeld("101"), TalkResumed("101"), TalkEnded("101", 5.0, 3.0, "sales")]


async def test_hold_music_ends_when_a_held_talk_is_parked(desk: Desk) -> None:
    await desk.inside.audio.update(HOLDS)
    await desk.turn()
    assert desk.media.playing("out") == (MUSIC,)
    await desk.talker.park(True)
    assert desk.media.playing("out") == ()
    await desk.talker.park(False)
    await desk.turn()
    assert desk.media.playing("out") == (MUSIC,), "his phone still holds"
    await desk.hang_up()


async def test_of_a_talk_with_somebody_outside_no_facts_are_told(desk: Desk) -> None:
    await desk.hang_up()
    before = len(desk.log.events)
    desk.inside.ended = asyncio.get_running_loop().create_future()
    talk = asyncio.create_task(Talk(desk.room, desk.log, desk.clock, []).run(Parties(desk.outside, desk.inside, "")))
    await desk.turn()
    assert desk.joined
    talk.cancel()
    await asyncio.gather(talk, return_exceptions=True)
    assert len(desk.log.events) == before
