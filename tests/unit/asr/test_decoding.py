"""When an utterance is decoded: early, in the pause that may end it, and once where it does."""

from collections.abc import Sequence

import numpy as np

from asr.decoding import Decoding
from asr.protocol import Final, Hypothesis, Partial
from core.audio import Pcm


class CountingEngine:
    """Says how many samples it was given; remembers every decoding."""

    def __init__(self, *, streaming: bool) -> None:
        self._streaming = streaming
        self.decoded: list[int] = []

    @property
    def name(self) -> str:
        return "counting"

    @property
    def streaming(self) -> bool:
        return self._streaming

    def recogniser(self, phrases: Sequence[str] = ()) -> "CountingRecogniser":
        return CountingRecogniser(self)


class CountingRecogniser:
    def __init__(self, engine: CountingEngine) -> None:
        self._engine = engine
        self._samples = 0

    def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
        self._samples += audio.size
        return ()

    def finish(self) -> Sequence[Hypothesis]:
        self._engine.decoded.append(self._samples)
        return (Final(str(self._samples), ()),)


def audio(samples: int) -> Pcm:
    return np.zeros(samples, dtype=np.int16)


def test_what_was_decoded_in_the_pause_is_the_result_when_nothing_follows() -> None:
    engine = CountingEngine(streaming=False)
    decoding = Decoding(engine, ())
    decoding.accept(audio(800))
    decoding.draft(decoding.paused())
    decoding.accept(audio(300))  # the silence that ends it
    assert decoding.finish() == ("800", ())
    assert engine.decoded == [800]


def test_a_draft_is_thrown_away_when_they_go_on() -> None:
    engine = CountingEngine(streaming=False)
    decoding = Decoding(engine, ())
    decoding.accept(audio(800))
    pause = decoding.paused()
    decoding.draft(pause)
    decoding.resumed()
    decoding.accept(audio(200))
    assert decoding.finish() == ("1000", ())
    assert engine.decoded == [800, 1000]


def test_a_draft_that_comes_too_late_is_not_begun() -> None:
    engine = CountingEngine(streaming=False)
    decoding = Decoding(engine, ())
    decoding.accept(audio(800))
    pause = decoding.paused()
    decoding.resumed()
    decoding.draft(pause)
    assert engine.decoded == []


def test_a_streaming_engine_has_one_recogniser_for_all() -> None:
    engine = CountingEngine(streaming=True)
    decoding = Decoding(engine, ())
    decoding.accept(audio(800))
    decoding.accept(audio(200))
    assert decoding.finish() == ("1000", ())
    assert engine.decoded == [1000]


def test_nothing_said_is_nothing() -> None:
    assert Decoding(CountingEngine(streaming=False), ()).finish() == ("", ())


def test_what_it_sounds_like_so_far_is_worked_out_each_time_that_enough_was_said() -> None:
    engine = CountingEngine(streaming=False)
    decoding = Decoding(engine, (), 0.1)
    assert not decoding.due(700)
    decoding.accept(audio(700))
    assert decoding.due(100)
    decoding.told()
    decoding.accept(audio(100))
    assert decoding.so_far() == "800"
    assert not decoding.due(799)
    assert decoding.finish() == ("800", ())


def test_the_draft_of_a_pause_is_what_it_sounds_like() -> None:
    engine = CountingEngine(streaming=False)
    decoding = Decoding(engine, (), 0.1)
    decoding.accept(audio(800))
    decoding.draft(decoding.paused())
    assert decoding.so_far() == "800"
    decoding.resumed()
    decoding.accept(audio(100))
    assert decoding.so_far() == "900"
    assert engine.decoded == [800, 900]


def test_nobody_who_does_not_follow_is_told() -> None:
    decoding = Decoding(CountingEngine(streaming=False), ())
    assert not decoding.due(80_000)
    assert decoding.so_far() == ""


def test_of_a_streaming_engine_the_newest_guess_is_what_it_sounds_like() -> None:
    class Guessing(CountingRecogniser):
        def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
            return (Final("您好", ()), Partial(f"您拨打的{audio.size}"))

    class Engine(CountingEngine):
        def recogniser(self, phrases: Sequence[str] = ()) -> CountingRecogniser:
            return Guessing(self)

    decoding = Decoding(Engine(streaming=True), (), 0.1)
    decoding.accept(audio(800))
    assert decoding.so_far() == "您好您拨打的800"
