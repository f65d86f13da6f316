"""One live utterance on its way through an engine, decoded ahead of time where it pauses.

An engine that does all its work at the end would make the caller wait twice: for the silence that shows that they have
finished, and for the decoding. So the decoding begins early in that silence, as a draft. If they go on, the draft is
thrown away; mostly they do not, and it is the result.
"""

from collections.abc import Sequence

from asr.protocol import Engine, Hypothesis, Recogniser, Word
from asr.protocol import Final as FinalHypothesis
from core.audio import Pcm


class Decoding:
    """``paused`` and ``resumed`` belong to the worker's loop, all else to its lane."""

    def __init__(self, engine: Engine, phrases: tuple[str, ...]) -> None:
        self._engine = engine
        self._phrases = phrases
        self._recogniser: Recogniser | None = None
        self._audio: list[Pcm] = []
        self._said: list[Hypothesis] = []
        self._pause = 0
        self._draft: tuple[int, Sequence[Hypothesis]] | None = None

    def paused(self) -> int:
        """The speaker pauses; the number of this pause."""
        return self._pause

    def resumed(self) -> None:
        """They go on: drafts made in this pause are worth nothing."""
        self._pause += 1

    def accept(self, audio: Pcm) -> None:
        """The next samples of the utterance."""
        if self._engine.streaming:
            if self._recogniser is None:
                self._recogniser = self._engine.recogniser(self._phrases)
            self._said += self._recogniser.accept(audio)
        else:
            self._audio.append(audio)

    def draft(self, pause: int) -> None:
        """Decode what was said up to ``pause``, unless it is over."""
        if pause == self._pause:
            self._draft = (pause, self._decode())

    def finish(self) -> tuple[str, tuple[Word, ...]]:
        """What was said, now that the utterance is over."""
        if self._recogniser is not None:
            self._said += self._recogniser.finish()
        elif self._draft is not None and self._draft[0] == self._pause:
            self._said += self._draft[1]
        elif self._audio:
            self._said += self._decode()
        finals = [said for said in self._said if isinstance(said, FinalHypothesis)]
        return "".join(final.text for final in finals), tuple(word for final in finals for word in final.words)

    def _decode(self) -> Sequence[Hypothesis]:
        recogniser = self._engine.recogniser(self._phrases)
        said = [hypothesis for audio in self._audio for hypothesis in recogniser.accept(audio)]
        return [*said, *recogniser.finish()]
