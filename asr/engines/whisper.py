"""OpenAI Whisper by faster-whisper (CTranslate2): accurate, not streaming; it decodes an utterance once it is over.

Whisper was trained on windows of 30 s and spends most of its time encoding padding when an utterance lasts two. Here
the encoder sees ``max(utterance + 1 s, 10 s)`` only, which costs no accuracy (docs/speech.md) and a third of the time;
windows of 5 s or less would break it. Silence must be kept away from it (``asr.utterance``): given nothing, it invents
sentences or repeats its prompt. What is repeated or impossibly fast is therefore dropped.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from asr.protocol import Final as FinalHypothesis
from asr.protocol import Hypothesis, Word
from asr.resample import Wave, upsample
from asr.text import normalise, simplified
from core.audio import Pcm, seconds_of
from core.errors import Unavailable

_log = logging.getLogger("line400.asr")

_FRAMES_PER_S: Final = 100
_LEAST_WINDOW_S: Final = 10.0
_MARGIN_S: Final = 1.0
_WHOLE_WINDOW_S: Final = 30.0
_MAX_REPETITION: Final = 2.4
"""gzip ratio above which a text repeats itself (Whisper's own limit)."""
_MAX_CHARACTERS_PER_S: Final = 12.0
"""Fast Mandarin is 7 syllables a second."""
_MAX_TOKENS_PER_S: Final = 15
_BEAM: Final = 5


class _WindowedModel(WhisperModel):  # type: ignore[misc]  # faster-whisper has no type hints
    """``WhisperModel`` whose encoder sees only the first ``window_s`` seconds of its 30."""

    window_s: float = _WHOLE_WINDOW_S

    def encode(self, features: NDArray[np.float32]) -> ctranslate2.StorageView:
        """Encode the beginning of ``features`` (mel bands × 10 ms frames)."""
        frames = int(self.window_s * _FRAMES_PER_S)
        return super().encode(np.ascontiguousarray(features[..., :frames]))


def _converted(words: Sequence[Word]) -> tuple[Word, ...]:
    """``words`` in simplified characters; converted together, because the right character depends on its neighbours."""
    texts = [word.text for word in words]
    together = simplified("".join(texts))
    if len(together) != sum(map(len, texts)):
        return tuple(Word(simplified(word.text), word.start_s, word.end_s, word.confidence) for word in words)
    result = []
    place = 0
    for word in words:
        result.append(Word(together[place : place + len(word.text)], word.start_s, word.end_s, word.confidence))
        place += len(word.text)
    return tuple(result)


class WhisperRecogniser:
    """One utterance of at most 30 s."""

    def __init__(self, model: _WindowedModel, language: str, phrases: Sequence[str]) -> None:
        self._model = model
        self._language = language
        self._phrases = phrases
        self._audio: list[Pcm] = []

    def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
        """Keep the audio; Whisper needs all of it."""
        self._audio.append(audio)
        return ()

    def finish(self) -> Sequence[Hypothesis]:
        """Decode; one ``Final``, or none where nothing credible was heard."""
        if not self._audio:
            return ()
        audio = np.concatenate(self._audio)
        self._audio.clear()
        words = self._decode(upsample(audio))
        text = "".join(word.text for word in words).strip()
        if not text or self._incredible(text, seconds_of(audio.size)):
            return ()
        return (FinalHypothesis(text, words),)

    def _decode(self, wave: Wave) -> tuple[Word, ...]:
        seconds = wave.size / 16000
        self._model.window_s = min(max(seconds + _MARGIN_S, _LEAST_WINDOW_S), _WHOLE_WINDOW_S)
        segments, _ = self._model.transcribe(
            wave,
            language=self._language,
            beam_size=_BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            max_new_tokens=int(seconds * _MAX_TOKENS_PER_S) + 24,
            initial_prompt="、".join(self._phrases) + "。" if self._phrases else None,
        )
        found: list[Word] = []
        for segment in segments:
            if segment.compression_ratio > _MAX_REPETITION:
                _log.info("a decoded segment repeats itself and is dropped")
                continue
            found += [
                Word(word.word, min(word.start, seconds), min(word.end, seconds), min(max(word.probability, 0.0), 1.0))
                for word in segment.words or ()
            ]
        return _converted(found)

    def _incredible(self, text: str, seconds: float) -> bool:
        """Whether this is Whisper talking to itself: too fast to be said, or its own prompt."""
        plain = normalise(text).replace(" ", "")
        if len(plain) > _MAX_CHARACTERS_PER_S * max(seconds, 0.5):
            return True
        prompted = normalise("".join(self._phrases)).replace(" ", "")
        return len(self._phrases) > 2 and len(plain) * 2 > len(prompted) and plain in prompted


class WhisperEngine:
    """A loaded Whisper model, one thread."""

    def __init__(self, model: _WindowedModel, name: str, language: str) -> None:
        self._model = model
        self._name = name
        self._language = language

    @property
    def name(self) -> str:
        """``faster-whisper/`` and the model folder's name."""
        return self._name

    def recogniser(self, phrases: Sequence[str] = ()) -> WhisperRecogniser:
        """A recogniser of one utterance; the phrases become the prompt."""
        return WhisperRecogniser(self._model, self._language, phrases)


def load(path: Path, language: str = "zh") -> WhisperEngine:
    """The CTranslate2 model in folder ``path``; ``Unavailable`` where it cannot be loaded."""
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (path / name).is_file()]
    if missing:
        raise Unavailable(f"the Whisper model in {path} lacks {', '.join(missing)}; install it again")
    try:
        model = _WindowedModel(str(path), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    except (RuntimeError, ValueError) as error:
        raise Unavailable(f"the Whisper model in {path} cannot be loaded ({error}); install it again") from error
    return WhisperEngine(model, f"faster-whisper/{path.name}", language)
