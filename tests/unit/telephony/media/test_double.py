from pathlib import Path

import pytest

from core.errors import LocalProtocolError, Unavailable
from telephony.media import commands as c
from telephony.media.double import MediaDouble
from telephony.media.port import (
    DigitPressed,
    Gap,
    MediaEvent,
    MediaPort,
    PlayEnded,
    RecordingClosed,
    RtpSilent,
    Tone,
    ToneHeard,
    WorkerLost,
)


@pytest.fixture
def events() -> list[MediaEvent]:
    return []


@pytest.fixture
def double(events: list[MediaEvent]) -> MediaDouble:
    made = MediaDouble()
    port: MediaPort = made
    port.subscribe(events.append)
    return made


async def test_it_keeps_the_rules_of_playing(double: MediaDouble, events: list[MediaEvent]) -> None:
    await double.open("a")
    await double.open("b", near="a")
    await double.play("a", "p1", [Path("x.wav")])
    await double.play("a", "p2", [Path("y.wav")], loop=True)
    assert double.playing("a") == (Path("y.wav"),)
    await double.bridge("a", "b")
    assert events == [PlayEnded("a", "p1", finished=False), PlayEnded("a", "p2", finished=False)]
    assert double.legs["b"].partner == "a"
    await double.unbridge("a")
    assert double.legs["b"].partner == ""
    await double.play("b", "p3", [Path("z.wav")])
    assert double.finish_play("b") == "p3"
    assert events[-1] == PlayEnded("b", "p3", finished=True)
    await double.stop("b")
    with pytest.raises(LocalProtocolError):
        double.finish_play("b")
    assert [play.play for play in double.of(c.Play)] == ["p1", "p2", "p3"]


async def test_plays_can_end_by_themselves(events: list[MediaEvent]) -> None:
    double = MediaDouble(finish_plays=True)
    double.subscribe(events.append)
    await double.open("a")
    await double.play("a", "p1", [Path("x.wav")])
    await double.play("a", "p2", [Path("x.wav")], loop=True)
    assert events == [PlayEnded("a", "p1", finished=True)]


async def test_far_end_and_recordings(double: MediaDouble, events: list[MediaEvent]) -> None:
    await double.open("a")
    double.press("a", "1#")
    double.fall_silent("a")
    await double.record("r", Path("r.wav"), "a", "")
    await double.stop_record("r")
    await double.stop_record("r")
    assert events == [
        DigitPressed("a", "1", 100),
        DigitPressed("a", "#", 100),
        RtpSilent("a", 10.0),
        RecordingClosed("r", 1.0),
    ]


async def test_a_lost_worker(double: MediaDouble, events: list[MediaEvent]) -> None:
    await double.open("a")
    await double.record("r", Path("r.wav"), "a", "")
    double.lose_worker()
    assert events == [WorkerLost(("a",), ("r",))]
    with pytest.raises(Unavailable):
        await double.stop("a")
    assert (await double.close("a")).packets_sent == 0
    with pytest.raises(LocalProtocolError):
        await double.close("a")
    double.down = True
    with pytest.raises(Unavailable):
        await double.open("b")


async def test_it_keeps_the_rules_of_hearing(double: MediaDouble, events: list[MediaEvent]) -> None:
    for leg in ("caller", "agent", "chief"):
        await double.open(leg)
    await double.play("caller", "music", [Path("m.wav")], loop=True)
    await double.play("caller", "news", [Tone("beep"), Path("n.wav")], over=True)
    await double.hear("caller", {"agent": 0.0})
    assert events == [PlayEnded("caller", "music", finished=False)], "music stops when people are joined"
    assert double.finish_play("caller") == "news"
    await double.hear("agent", {"caller": 0.0, "chief": -3.0})
    assert double.legs["agent"].partner == "", "it hears more than one"
    await double.level("agent", -6.0, automatic=True)
    assert (double.legs["agent"].gain_db, double.legs["agent"].automatic) == (-6.0, True)
    await double.unbridge("caller")
    assert double.legs["agent"].hears == {"chief": -3.0}
    assert double.legs["caller"].hears == {}
    await double.close("chief")
    assert double.legs["agent"].hears == {}
    for impossible in ({"nobody": 0.0}, {"agent": 0.0}, {"caller": 100.0}, {"caller": float("nan")}):
        with pytest.raises(LocalProtocolError):
            await double.hear("agent", impossible)


async def test_tones_and_pauses(double: MediaDouble, events: list[MediaEvent]) -> None:
    await double.open("a")
    double.sound("a", "busy")
    await double.listen("a", {"busy", "beep"})
    double.sound("a", "busy", 2.0)
    await double.record("r", Path("r.wav"), "a", "")
    await double.pause_record("r")
    assert double.paused == {"r"}
    await double.resume_record("r")
    assert double.paused == set()
    await double.stop_record("r")
    await double.pause_record("r")
    assert events == [ToneHeard("a", "busy", 2.0), RecordingClosed("r", 1.0, gaps=(Gap(0.0, 1.0, "paused"),))]
