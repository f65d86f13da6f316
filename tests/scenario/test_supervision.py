"""A supervisor in a journey's talk, down to the sound: what control asks of the port is done in a whole media engine on
virtual time, where each party says a tone of its own; the spectrum of what is sent to each says who hears whom.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from telephony.media import commands as c
from telephony.oversight import Oversight
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn
from tests.unit.service.journeys.test_supervision import CHIEF, Call
from tests.unit.telephony.media.engine_bench import Bench, FarEnd

SECOND = 50


class Sound:
    """The engine beside the double, and the people at its legs."""

    def __init__(self, desk: Desk) -> None:
        self.bench = Bench()
        self._desk = desk
        self._done = 0
        self._people: dict[str, FarEnd] = {}

    def _follow(self) -> None:
        commands = self._desk.media.commands[self._done :]
        self._done += len(commands)
        for command in commands:
            match command:
                case c.Open(leg=leg):
                    self._people[leg] = self.bench.leg(leg)
                case c.Bridge() | c.Hear() | c.Unbridge():
                    self.bench.engine.do(command)
                case c.Close(leg=leg):
                    self.bench.engine.do(command)
                    del self._people[leg]
                case _:
                    pass

    def heard(self) -> dict[str, str]:
        """Whose tones each of them hears in the second of two seconds that pass."""
        self._follow()
        people = tuple(self._people.values())
        self.bench.pass_time(SECOND, *people)
        before = {person.name: len(person.port.packets) for person in people}
        self.bench.pass_time(SECOND, *people)
        return {
            person.name: " ".join(
                sorted(other.name for other in people if _peak(person, before[person.name], other) > 400)
            )
            for person in people
        }


def _peak(listener: FarEnd, since: int, talker: FarEnd) -> float:
    """The peak of the talker's tone in what the listener was sent: all tones are multiples of 100 Hz."""
    packets = listener.port.packets[since:]
    if len(packets) < 5:
        return 0.0
    samples = np.concatenate([listener.codec.decode(packet.payload) for packet in packets]).astype(float)
    samples = samples[: len(samples) // 80 * 80]
    hz = 500 + talker.port.port % 100 * 100
    return float(abs(np.mean(samples * np.exp(-2j * np.pi * hz * np.arange(len(samples)) / 8000)))) * 2


@pytest.fixture
async def call(tmp_path: Path) -> Call:
    call = Call(Desk(tmp_path))
    await call.begin()
    return call


@pytest.fixture
def sound(call: Call) -> Iterator[Sound]:
    sound = Sound(call.desk)
    yield sound
    sound.bench.engine.shut_down()


TALK = {"out": "in", "in": "out"}


async def test_who_hears_whom_in_every_mode_and_after_each_end(call: Call, sound: Sound) -> None:
    assert sound.heard() == TALK
    leg = await call.comes(Oversight.LISTEN)
    assert sound.heard() == {**TALK, "chief": "in out"}
    await call.ask(Oversight.WHISPER)
    assert sound.heard() == {"out": "in", "in": "chief out", "chief": "in out"}
    await call.ask(Oversight.BARGE)
    assert sound.heard() == {"out": "chief in", "in": "chief out", "chief": "in out"}
    await call.ask(Oversight.LISTEN)
    assert sound.heard() == {**TALK, "chief": "in out"}, "he can go back"
    hangs_up(leg)
    await turn()
    assert sound.heard() == TALK, "undisturbed"
    hangs_up(call.inside)
    await call.over()


async def test_a_take_over_leaves_the_caller_with_the_supervisor(call: Call, sound: Sound) -> None:
    leg = await call.comes(Oversight.WHISPER)
    assert sound.heard()["in"] == "chief out"
    await call.ask(Oversight.TAKE_OVER)
    assert sound.heard() == {"out": "chief", "chief": "out"}
    hangs_up(leg)
    await call.over()
    assert sound.heard() == {}


async def test_two_supervisors_each_in_his_own_way(call: Call, sound: Sound) -> None:
    await call.comes(Oversight.LISTEN)
    call.desk.ringing = asyncio.get_running_loop().create_future()
    await call.office.supervise("c1", "902", Oversight.BARGE, "other")
    second = await call.desk.agent("902", "second")
    call.desk.ringing.set_result(second)
    await turn()
    assert sound.heard() == {"out": "in second", "in": "out second", "chief": "in out second", "second": "in out"}
    call.office.leave("c1", CHIEF, "boss")
    await turn()
    assert sound.heard() == {"out": "in second", "in": "out second", "second": "in out"}
    hangs_up(call.arrival.leg)
    await call.over()
    assert second.end is not None
