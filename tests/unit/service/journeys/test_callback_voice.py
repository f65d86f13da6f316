"""Callers who say that they want to be called back: what is understood, and that nothing goes on afterwards."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from asr.protocol import Heard, Hearing, NothingHeard, SpeechStarted
from core.errors import LegEnded, Unavailable
from core.tap_target import TapTarget
from ivr.prompts import Prompts
from service.config_callback import CallbackTerms
from service.journeys.callback_number import NumberQuestion
from service.journeys.callback_voice import MAX_S, asks_for_callback
from telephony.ports import EndReason, LegEnd
from tests.unit.acd.doubles import FakeLeg
from tests.unit.service.callback_doubles import LI, House
from tests.virtual_loop import run


class Tapped(FakeLeg):
    """A leg whose voice can be listened to."""

    taps = 0
    tapped = False

    async def start_tap(self, target: TapTarget) -> None:
        if self.end is not None:
            raise LegEnded(self.id)
        self.taps, self.tapped = self.taps + 1, True

    async def stop_tap(self) -> None:
        self.tapped = False


class OneEar:
    """Hears what the test says, in order; after that nothing comes."""

    def __init__(self, *hearings: Hearing, away: bool = False) -> None:
        self.hearings = list(hearings)
        self.away = away
        self.asked: list[tuple[float, float]] = []
        self.open = 0
        self.tap = TapTarget("127.0.0.1", 9, 1)

    async def listen(self, phrases: Sequence[str], *, no_speech_s: float, max_s: float) -> "OneEar":
        self.asked.append((no_speech_s, max_s))
        if self.away:
            raise Unavailable("no recogniser")
        self.open += 1
        return self

    async def next(self) -> Hearing:
        if not self.hearings:
            await asyncio.get_running_loop().create_future()
        return self.hearings.pop(0)

    async def close(self) -> None:
        self.open -= 1


def understood(*hearings: Hearing, away: bool = False) -> bool:
    async def main() -> bool:
        leg, ears = Tapped("caller"), OneEar(*hearings, away=away)
        said = await asks_for_callback(leg, ears, 6.0)
        assert ears.asked == [(6.0, MAX_S)]
        assert not leg.tapped and ears.open == 0
        return said

    return run(main())


@pytest.mark.parametrize("text", ["回电", "给我回电话", "那你给我回电话吧", "请给我回个电话", "Call me back."])
def test_what_is_understood(text: str) -> None:
    assert understood(SpeechStarted(), Heard(text, ()))


@pytest.mark.parametrize("text", ["", "还要等多久", "我不要回电话", "转人工", "喂你好"])
def test_what_is_not(text: str) -> None:
    assert not understood(SpeechStarted(), Heard(text, ()))


def test_nothing_is_heard_or_nobody_listens() -> None:
    assert not understood(NothingHeard())
    assert not understood(SpeechStarted(), NothingHeard("unavailable"))
    assert not understood(away=True)


def test_nothing_goes_on_where_it_is_broken_off() -> None:
    async def main() -> None:
        leg, ears = Tapped("caller"), OneEar(SpeechStarted())
        listening = asyncio.create_task(asks_for_callback(leg, ears, 6.0))
        await asyncio.sleep(1.0)
        assert leg.tapped and ears.open == 1
        listening.cancel()
        await asyncio.wait({listening})
        assert not leg.tapped and ears.open == 0
        leg.end = LegEnd(EndReason.NORMAL, by_us=False)
        assert not await asks_for_callback(leg, ears, 6.0)
        assert ears.open == 0

    run(main())


@pytest.mark.parametrize(("listen_s", "there", "times"), [(6.0, True, 1), (0.0, True, 0), (6.0, False, 0)])
def test_whether_it_is_listened_at_all(listen_s: float, there: bool, times: int) -> None:
    async def main() -> None:
        house, leg, ears = House(terms=CallbackTerms(trunk="carrier", listen_s=listen_s)), Tapped("caller"), OneEar()
        ears.hearings = [Heard("回电话", ())]
        rooms = SimpleNamespace(prompts=Prompts(), ears=ears if there else None)
        question = NumberQuestion(leg, LI, rooms, house.callbacks)  # type: ignore[arg-type]
        assert await question.spoken() == bool(times)
        assert leg.taps == times
        await house.close()

    run(main())
