"""Vosk (Kaldi): streaming, with partial results; small models need no more than a tenth of a core for a stream."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import vosk

from asr.protocol import Final, Hypothesis, Partial, Word
from asr.text import simplified
from core.audio import RATE_HZ, Pcm
from core.errors import Unavailable


class _VoskWord(TypedDict):
    word: str
    start: float
    end: float
    conf: float


class _VoskResult(TypedDict, total=False):
    partial: str
    text: str
    result: list[_VoskWord]


def _joined(parts: Iterable[str]) -> str:
    """Words as a sentence: Chinese without blanks, Latin words with one between them."""
    text = ""
    for part in parts:
        gap = text and text[-1].isascii() and part[:1].isascii()
        text += (" " if gap else "") + part
    return text


def _final(result: _VoskResult) -> Final | None:
    words = tuple(
        Word(simplified(word["word"]), word["start"], word["end"], min(max(word["conf"], 0.0), 1.0))
        for word in result.get("result", [])
        if word["word"] != "[unk]"
    )
    text = _joined(word.text for word in words)
    return Final(text, words) if text else None


class VoskRecogniser:
    """One stream."""

    def __init__(self, recogniser: vosk.KaldiRecognizer) -> None:
        self._recogniser = recogniser
        self._partial = ""

    def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
        """Decode the next samples."""
        if self._recogniser.AcceptWaveform(audio.astype("<i2").tobytes()):
            self._partial = ""
            final = _final(cast("_VoskResult", json.loads(self._recogniser.Result())))
            return (final,) if final else ()
        partial = cast("_VoskResult", json.loads(self._recogniser.PartialResult())).get("partial", "")
        text = simplified(_joined(partial.split()))
        if not text or text == self._partial:
            return ()
        self._partial = text
        return (Partial(text),)

    def finish(self) -> Sequence[Hypothesis]:
        """The last words; a third of a second of silence is added, without which Kaldi swallows the last syllable."""
        said = list(self.accept(np.zeros(RATE_HZ // 3, dtype=np.int16)))
        final = _final(cast("_VoskResult", json.loads(self._recogniser.FinalResult())))
        return [*said, final] if final else said


class VoskEngine:
    """A loaded Vosk model."""

    def __init__(self, model: vosk.Model, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def name(self) -> str:
        """``vosk/`` and the model folder's name."""
        return self._name

    @property
    def streaming(self) -> bool:
        """Vosk works while audio comes."""
        return True

    def recogniser(self, phrases: Sequence[str] = ()) -> VoskRecogniser:
        """A recogniser for one stream.

        ``phrases`` are not made a grammar: a grammar would bend whatever is said into one of them, and the
        nearest-phrase test (``asr.phrases``) could no longer refuse.
        """
        recogniser = vosk.KaldiRecognizer(self._model, RATE_HZ)
        recogniser.SetWords(True)
        return VoskRecogniser(recogniser)


def load(path: Path) -> VoskEngine:
    """The Vosk model in folder ``path``; ``Unavailable`` where it cannot be loaded."""
    missing = [name for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf") if not (path / name).is_file()]
    if missing:
        raise Unavailable(f"{path} holds no Vosk model ({', '.join(missing)} missing); install it again")
    vosk.SetLogLevel(-1)
    return VoskEngine(vosk.Model(str(path)), f"vosk/{path.name}")
