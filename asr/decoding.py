"""One live utterance on its way through an engine, decoded ahead of time where it pauses, or more often on demand.

An engine that does all its work at the end would make the caller wait twice: for the silence that shows that they have
finished, and for the decoding. So the decoding begins early in that silence, as a draft. If they go on, the draft is
thrown away; mostly they do not, and it is the result.
"""

from collections.abc import Sequence

from asr.protocol import Engine, Hypothesis, Partial, Recogniser, Word
from asr.protocol import Final as FinalHypothesis
from core.audio import RATE_HZ, Pcm


class Decoding:
    """``paused``, ``resumed`` and ``due`` belong to the worker's loop, all else to its lane. With ``every_s`` above 0
    it is to be told what it sounds like each time that so much more was said.
    """

    def __init__(self, engine: Engine, phrases: tuple[str, ...], every_s: float = 0.0) -> None:
        self._engine = engine
        self._phrases = phrases
        self._every = int(every_s * RATE_HZ)
        self._untold = 0
        self.followed = every_s > 0
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

    def due(self, samples: int) -> bool:
        """So many more have come; whether it is time to tell ``so_far``, until it was ``told``."""
        self._untold += samples
        return self.followed and self._untold >= self._every

    def told(self) -> None:
        """``so_far`` is being worked out."""
        self._untold = 0

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

    def so_far(self) -> str:
        """What it sounds like until now; may change. The draft of a pause serves as long as the pause lasts."""
        said: Sequence[Hypothesis] = self._said
        if not self._engine.streaming:
            drafted = self._draft is not None and self._draft[0] == self._pause
            said = self._draft[1] if drafted and self._draft is not None else self._decode() if self._audio else ()
        text = "".join(each.text for each in said if isinstance(each, FinalHypothesis))
        return text + said[-1].text if said and isinstance(said[-1], Partial) else text

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
