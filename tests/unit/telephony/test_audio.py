"""The audio side of legs: playing, keys, hold, recordings and the loss of a worker, over the port's double."""

import asyncio
from pathlib import Path

import pytest

from core.errors import LegEnded, Unavailable
from core.tap_target import TapTarget
from telephony.leg_audio import MAX_TYPED_AHEAD, LegAudio
from telephony.media.commands import Bridge, Listen, Open, Stop, Tap, Unbridge, Untap
from telephony.media.port import RecordingClosed, Stream, ToneHeard
from tests.unit.telephony.doubles import FAR, Rooms

CLIP = Path("welcome.wav")


class Desk(Rooms):
    """Rooms with legs whose loss is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[str] = []

    async def leg(self, name: str, group: str = "c1") -> LegAudio:
        return await self.room.open(name, lost=lambda: self.lost.append(name), group=group)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def _turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_clip_is_played_to_its_end(desk: Desk) -> None:
    audio = await desk.leg("a")
    playing = asyncio.create_task(audio.play([CLIP]))
    await _turn()
    assert desk.media.playing("a") == (CLIP,)
    assert not playing.done()
    desk.media.finish_play("a")
    assert await playing is True


async def test_what_cuts_a_clip_short_is_told(desk: Desk) -> None:
    audio = await desk.leg("a")
    first = asyncio.create_task(audio.play([CLIP]))
    await _turn()
    second = asyncio.create_task(audio.play([Path("menu.wav")], loop=True))
    await _turn()
    assert await first is False, "another play"
    await audio.stop()
    assert await second is False, "stop"


async def test_cancelling_play_stops_the_sound(desk: Desk) -> None:
    audio = await desk.leg("a")
    playing = asyncio.create_task(audio.play([CLIP]))
    await _turn()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert desk.media.playing("a") == ()


async def test_the_end_of_a_leg_ends_its_plays(desk: Desk) -> None:
    audio = await desk.leg("a")
    playing = asyncio.create_task(audio.play([CLIP]))
    await _turn()
    await desk.room.close(audio)
    assert await playing is False
    before = list(desk.media.commands)
    await audio.stop()
    await audio.stop_tap()
    assert desk.media.commands == before, "nothing is asked of a leg that is gone"
    assert desk.room.leg("a") is None


async def test_keys_come_in_order_and_typed_ahead(desk: Desk) -> None:
    audio = await desk.leg("a")
    desk.media.press("a", "12")
    assert [await audio.next_digit(), await audio.next_digit()] == ["1", "2"]
    waiting = asyncio.create_task(audio.next_digit())
    await _turn()
    assert not waiting.done()
    desk.media.press("a", "#")
    assert await waiting == "#"
    desk.media.press("a", "9")
    audio.clear_digits()
    desk.media.press("a", "7")
    assert await audio.next_digit() == "7"


async def test_keys_by_two_means_count_once(desk: Desk) -> None:
    audio = await desk.leg("a")
    for key in "42":
        audio.pressed(key, "info")
        desk.media.press("a", key)
    assert [await audio.next_digit(), await audio.next_digit()] == ["4", "2"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await audio.next_digit()


def _agreed(event_type: int | None) -> Stream:
    return Stream(FAR, "PCMA", 8, event_type)


async def test_keys_of_a_far_end_without_telephone_event_are_listened_for(desk: Desk) -> None:
    audio = await desk.leg("a")
    await audio.update(_agreed(101))
    assert desk.media.of(Listen) == []
    await audio.update(_agreed(None))
    await audio.update(_agreed(None))
    assert desk.media.of(Listen) == [Listen("a", ("dtmf",))]
    desk.media.press("a", "42", inband=True)
    assert [await audio.next_digit() for _ in range(2)] == ["4", "2"]
    await audio.update(_agreed(101))
    assert desk.media.of(Listen)[-1] == Listen("a", ())
    desk.media.press("a", "7")
    assert await audio.next_digit() == "7", "after a change of means by SDP the new one is believed"


async def test_a_key_that_comes_as_tone_and_by_info_counts_once(desk: Desk) -> None:
    audio = await desk.leg("a")
    await audio.update(_agreed(None))
    for key in "159":
        desk.media.press("a", key, inband=True)
        audio.pressed(key, "info")
    assert [await audio.next_digit() for _ in range(3)] == ["1", "5", "9"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await audio.next_digit()


async def test_tones_are_looked_for_besides_keys_and_told_to_whoever_watches(desk: Desk) -> None:
    audio = await desk.leg("a")
    await audio.update(_agreed(None))
    heard: list[ToneHeard] = []
    unwatch = audio.watch_tones(heard.append)
    await audio.listen({"busy", "ringback"})
    assert desk.media.of(Listen)[-1] == Listen("a", ("busy", "dtmf", "ringback"))
    desk.media.sound("a", "busy", 2.5)
    unwatch()
    desk.media.sound("a", "ringback")
    assert heard == [ToneHeard("a", "busy", 2.5)]
    await audio.listen(())
    assert desk.media.of(Listen)[-1] == Listen("a", ("dtmf",))


async def test_too_many_keys_push_out_the_oldest(desk: Desk) -> None:
    audio = await desk.leg("a")
    desk.media.press("a", "1" + "2" * MAX_TYPED_AHEAD)
    assert await audio.next_digit() == "2"


async def test_hold_and_resume_are_told_once_each(desk: Desk) -> None:
    audio = await desk.leg("a")
    told: list[bool] = []
    unwatch = audio.watch_hold(told.append)
    stream = Stream(FAR, "PCMA", 8)
    holding = Stream(FAR, "PCMA", 8, send=False)
    for agreed in (stream, holding, holding, stream, stream):
        await audio.update(agreed)
    assert told == [True, False]
    unwatch()
    await audio.update(holding)
    assert told == [True, False]
    assert audio.held
    assert desk.media.legs["a"].stream == holding


async def test_taps_reach_the_port(desk: Desk) -> None:
    audio = await desk.leg("a")
    target = TapTarget("127.0.0.1", 5000, 7)
    await audio.start_tap(target)
    await audio.stop_tap()
    assert desk.media.of(Tap) == [Tap("a", target)]
    assert desk.media.of(Untap) == [Untap("a")]


async def test_legs_of_one_call_are_opened_near_each_other(desk: Desk) -> None:
    first = await desk.leg("a", "c1")
    await desk.leg("b", "c1")
    await desk.leg("x", "c2")
    await desk.leg("y", "")
    await desk.leg("z", "")
    await desk.room.close(first)
    await desk.leg("c", "c1")
    assert [(item.leg, item.near) for item in desk.media.of(Open)] == [
        ("a", ""), ("b", "a"), ("x", ""), ("y", ""), ("z", ""), ("c", "b"),
    ]  # fmt: skip


async def test_only_living_legs_are_joined_and_recorded(desk: Desk) -> None:
    first, _ = await desk.leg("a"), await desk.leg("b")
    await desk.room.bridge("a", "b")
    await desk.room.unbridge("a")
    await desk.room.close(first)
    with pytest.raises(LegEnded):
        await desk.room.bridge("b", "a")
    with pytest.raises(LegEnded):
        await desk.room.record("r", Path("r.wav"), "b", "a")
    await desk.room.unbridge("a")
    assert (len(desk.media.of(Bridge)), len(desk.media.of(Unbridge))) == (1, 1)


async def test_a_recording_ends_with_its_length(desk: Desk) -> None:
    await desk.leg("a")
    recording = await desk.room.record("r", Path("r.wav"), "a")
    closed = await recording.stop()
    assert closed == RecordingClosed("r", 1.0)
    assert await recording.stop() == closed, "a second time is no error"


async def test_the_loss_of_a_worker_reaches_every_leg_and_recording(desk: Desk) -> None:
    audio = await desk.leg("a")
    await desk.leg("b")
    recording = await desk.room.record("r", Path("r.wav"), "a", "b")
    playing = asyncio.create_task(audio.play([CLIP]))
    await _turn()
    desk.media.lose_worker()
    assert sorted(desk.lost) == ["a", "b"]
    assert await playing is False
    assert await recording.stop() is None
    with pytest.raises(Unavailable):
        await audio.play([CLIP])


async def test_a_far_end_that_fell_silent_is_lost(desk: Desk) -> None:
    await desk.leg("a")
    desk.media.fall_silent("a")
    desk.media.fall_silent("unknown")
    assert desk.lost == ["a"]


async def test_no_worker_no_leg(desk: Desk) -> None:
    desk.media.down = True
    with pytest.raises(Unavailable):
        await desk.leg("a")
    assert desk.room.leg("a") is None


async def test_a_recording_that_cannot_begin_is_forgotten(desk: Desk) -> None:
    audio = await desk.leg("a")
    desk.media.lose_worker()
    desk.room._legs["a"] = audio  # the news of the loss has not come yet
    with pytest.raises(Unavailable):
        await desk.room.record("r", Path("r.wav"), "a")
    assert desk.room._recordings == {}


async def test_stopping_while_nothing_plays_is_passed_on(desk: Desk) -> None:
    audio = await desk.leg("a")
    await audio.stop()
    assert desk.media.of(Stop) == [Stop("a")]
