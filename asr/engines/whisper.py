"""OpenAI Whisper by faster-whisper (CTranslate2): accurate, not streaming; it decodes an utterance once it is over.

Whisper was trained on windows of 30 s and spends most of its time encoding padding when an utterance lasts two. Here
the encoder sees ``max(utterance + 1 s, 10 s)`` only, which costs no accuracy (docs/speech.md) and a third of the time;
windows of 5 s or less would break it. Silence must be kept away from it (``asr.utterance``): given nothing, it invents
sentences or repeats its prompt. What is repeated or impossibly fast is therefore dropped.

Each utterance is decoded in one pass without time tokens: ``WhisperModel.transcribe`` would decode what follows the
last word again, and invent an ending for it.
"""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from asr.protocol import Final as FinalHypothesis
from asr.protocol import Hypothesis, Word
from asr.resample import Wave, upsample
from asr.text import normalise, readable
from core.audio import Pcm, seconds_of
from core.errors import Unavailable

_RATE_HZ: Final = 16000
_FRAMES_PER_S: Final = 100
_LEAST_WINDOW_S: Final = 10.0
_MARGIN_S: Final = 1.0
_WHOLE_WINDOW_S: Final = 30.0
_MAX_REPETITION: Final = 2.4
"""Compression ratio above which a text repeats itself (Whisper's own limit)."""
_LEAST_CONFIDENCE: Final = 0.15
_NO_SPEECH: Final = 0.6
_DOUBTFUL: Final = -1.0
"""Whisper's own limits: it guesses that nobody speaks, and the mean log probability of what it wrote agrees."""
_MAX_CHARACTERS_PER_S: Final = 12.0
"""Fast Mandarin is 7 syllables a second."""
_MAX_TOKENS_PER_S: Final = 15
_BEAM: Final = 5


def _tidied(words: Sequence[Word]) -> tuple[Word, ...]:
    """Punctuation joined to the word before it, in simplified characters.

    All is converted together, because the right character depends on its neighbours.
    """
    joined: list[Word] = []
    for word in words:
        if joined and not any(map(str.isalnum, word.text)):
            last = joined[-1]
            joined[-1] = Word(last.text + word.text, last.start_s, last.end_s, last.confidence)
        else:
            joined.append(word)
    whole = readable("".join(word.text for word in joined))
    if len(whole) != sum(len(word.text) for word in joined):
        return tuple(Word(readable(word.text), word.start_s, word.end_s, word.confidence) for word in joined)
    result = []
    place = 0
    for word in joined:
        result.append(Word(whole[place : place + len(word.text)], word.start_s, word.end_s, word.confidence))
        place += len(word.text)
    return tuple(result)


def _repeats_itself(text: str) -> bool:
    data = text.encode()
    return len(data) / len(zlib.compress(data)) > _MAX_REPETITION


class WhisperRecogniser:
    """One utterance of at most 30 s."""

    def __init__(self, model: WhisperModel, tokenizer: Tokenizer, phrases: Sequence[str]) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._suppressed = get_suppressed_tokens(tokenizer, [-1])
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
        if not text or self._incredible(text, seconds_of(audio.size)) or self._prompted(words):
            return ()
        return (FinalHypothesis(text, words),)

    def _decode(self, wave: Wave) -> tuple[Word, ...]:
        seconds = wave.size / _RATE_HZ
        encoded = self._model.encode(self._features(wave))
        prompt = self._model.get_prompt(self._tokenizer, self._prompt(), without_timestamps=True)
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=_BEAM,
            max_length=min(self._model.max_length, len(prompt) + int(seconds * _MAX_TOKENS_PER_S) + 24),
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]
        text = self._tokenizer.decode(tokens)
        silent = result.no_speech_prob > _NO_SPEECH and result.scores[0] < _DOUBTFUL
        if silent or not text.strip() or _repeats_itself(text):
            return ()
        [aligned] = self._model.find_alignment(
            self._tokenizer, [tokens], encoded, int(seconds * _FRAMES_PER_S), median_filter_width=7
        )
        return _tidied(
            [
                Word(
                    found["word"],
                    min(float(found["start"]), seconds),
                    min(float(found["end"]), seconds),
                    min(max(float(found["probability"]), 0.0), 1.0),
                )
                for found in aligned
                if found["word"]
            ]
        )

    def _features(self, wave: Wave) -> NDArray[np.float32]:
        """Log-mel frames of the audio and true silence up to the window's end.

        Faster-whisper's own padding is zero in the log domain, which is louder than silence and invites inventions.
        """
        seconds = wave.size / _RATE_HZ
        window_s = min(max(seconds + _MARGIN_S, _LEAST_WINDOW_S), _WHOLE_WINDOW_S)
        whole = np.zeros(int(window_s * _RATE_HZ), dtype=np.float32)
        whole[: wave.size] = wave[: whole.size]
        features = self._model.feature_extractor(whole, padding=0)
        even = features.shape[-1] - features.shape[-1] % 2
        return np.ascontiguousarray(features[..., :even], dtype=np.float32)

    def _prompt(self) -> list[int]:
        if not self._phrases:
            return []
        return list(self._tokenizer.encode(" " + "、".join(self._phrases) + "。"))

    def _prompted(self, words: Sequence[Word]) -> bool:
        """Whether only the prompt speaks for ``words``.

        A prompt pulls unclear speech towards its phrases. Confidence is worked out without the prompt, so what the
        audio alone makes very unlikely was put there by it.
        """
        return bool(self._phrases) and sum(word.confidence for word in words) / len(words) < _LEAST_CONFIDENCE

    def _incredible(self, text: str, seconds: float) -> bool:
        """Whether this is Whisper talking to itself: too fast to be said, or its own prompt."""
        plain = normalise(text).replace(" ", "")
        if len(plain) > _MAX_CHARACTERS_PER_S * max(seconds, 0.5):
            return True
        prompted = normalise("".join(self._phrases)).replace(" ", "")
        return len(self._phrases) > 2 and len(plain) * 2 > len(prompted) and plain in prompted


class WhisperEngine:
    """A loaded Whisper model, one thread."""

    def __init__(self, model: WhisperModel, name: str, language: str) -> None:
        self._model = model
        self._name = name
        self._tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )

    @property
    def name(self) -> str:
        """``faster-whisper/`` and the model folder's name."""
        return self._name

    @property
    def streaming(self) -> bool:
        """Whisper begins when the utterance is over."""
        return False

    def recogniser(self, phrases: Sequence[str] = ()) -> WhisperRecogniser:
        """A recogniser of one utterance; the phrases become the prompt."""
        return WhisperRecogniser(self._model, self._tokenizer, phrases)


def load(path: Path, language: str = "zh") -> WhisperEngine:
    """The CTranslate2 model in folder ``path``; ``Unavailable`` where it cannot be loaded."""
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (path / name).is_file()]
    if missing:
        raise Unavailable(f"the Whisper model in {path} lacks {', '.join(missing)}; install it again")
    try:
        model = WhisperModel(str(path), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    except (RuntimeError, ValueError) as error:
        raise Unavailable(f"the Whisper model in {path} cannot be loaded ({error}); install it again") from error
    return WhisperEngine(model, f"faster-whisper/{path.name}", language)
