"""Conferences at the media double: who hears whom, how loud, and what plays to who is alone."""

import asyncio
from pathlib import Path

import pytest

from core.errors import LegEnded, LocalProtocolError
from telephony.conference import MOST_LISTENERS, MOST_TALKERS, Conference
from telephony.media.port import SILENT_DB, Stream, Tone
from tests.unit.telephony.doubles import FAR, Rooms

MUSIC = Path("music.wav")


class House(Rooms):
    async def leg(self, name: str) -> str:
        audio = await self.room.open(name, lost=lambda: None, group="conf")
        await audio.update(Stream(FAR, "PCMA", 8))
        return name

    def hears(self) -> dict[str, str]:
        return {name: "".join(sorted(leg.hears)) for name, leg in self.media.legs.items()}

    async def turn(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def house() -> House:
    return House()


async def test_all_hear_all_and_listeners_are_unheard(house: House) -> None:
    conference = Conference(house.room)
    for name in "abc":
        await conference.join(await house.leg(name))
    await conference.join(await house.leg("x"), talks=False)
    assert house.hears() == {"a": "bc", "b": "ac", "c": "ab", "x": "abc"}
    await conference.join("x")
    assert house.hears() == {"a": "bcx", "b": "acx", "c": "abx", "x": "abc"}
    await conference.leave("b")
    await conference.leave("b")
    assert house.hears() == {"a": "cx", "b": "", "c": "ax", "x": "ac"}
    await conference.close()
    assert set(house.hears().values()) == {""}
    assert conference.members == ()


async def test_who_is_alone_hears_music_until_someone_comes(house: House) -> None:
    conference = Conference(house.room, [MUSIC])
    await conference.join(await house.leg("a"))
    await house.turn()
    assert house.media.playing("a") == (MUSIC,)
    await conference.join(await house.leg("b"))
    assert house.media.playing("a") == ()
    assert house.hears() == {"a": "b", "b": "a"}
    await conference.leave("a")
    await house.turn()
    assert (house.media.playing("a"), house.media.playing("b")) == ((), (MUSIC,))
    await conference.close()
    await house.turn()
    assert house.media.playing("b") == ()


async def test_mute_and_volume(house: House) -> None:
    conference = Conference(house.room)
    for name in "ab":
        await conference.join(await house.leg(name))
    leg = house.media.legs["a"]
    assert (leg.gain_db, leg.automatic) == (0.0, True)
    await conference.volume("a", -6.0)
    await conference.mute("a")
    assert (leg.gain_db, leg.automatic) == (SILENT_DB, True)
    await conference.volume("a", -3.0)
    assert leg.gain_db == SILENT_DB, "it stays mute"
    await conference.mute("a", muted=False)
    assert leg.gain_db == -3.0
    await conference.leave("a")
    assert (leg.gain_db, leg.automatic) == (0.0, False)
    with pytest.raises(LegEnded):
        await conference.mute("a")


async def test_announcements_are_heard_by_all_over_the_talk(house: House) -> None:
    conference = Conference(house.room)
    for name in "ab":
        await conference.join(await house.leg(name))
    announced = asyncio.create_task(conference.announce([Tone("beep"), Path("news.wav")]))
    await house.turn()
    for name in "ab":
        over = house.media.legs[name].over
        assert over is not None
        assert over.sounds == ("tone:beep", "news.wav")
        house.media.finish_play(name)
    await announced
    assert house.hears() == {"a": "b", "b": "a"}


async def test_who_hangs_up_is_forgotten_and_who_has_no_audio_is_refused(house: House) -> None:
    conference = Conference(house.room)
    for name in "abc":
        await conference.join(await house.leg(name))
    audio = house.room.leg("b")
    assert audio is not None
    await house.room.close(audio)
    with pytest.raises(LegEnded):
        await conference.join("b")
    await conference.leave("c")
    assert conference.members == ("a",)
    assert house.hears() == {"a": "", "c": ""}


async def test_a_conference_has_its_bounds(house: House) -> None:
    conference = Conference(house.room)
    for place in range(MOST_TALKERS):
        await conference.join(await house.leg(f"t{place}"))
    for place in range(MOST_LISTENERS):
        await conference.join(await house.leg(f"l{place}"), talks=False)
    for talks in (True, False):
        with pytest.raises(LocalProtocolError):
            await conference.join(await house.leg(f"more {talks}"), talks=talks)
    assert len(conference.members) == MOST_TALKERS + MOST_LISTENERS
    assert len(house.media.legs["t0"].hears) == MOST_TALKERS - 1
    assert len(house.media.legs["l0"].hears) == MOST_TALKERS
