"""A finished recording to a transcript: both channels, utterance by utterance, merged in time order.

Only what the voice activity model takes for speech reaches the engine: an engine that is given silence invents text.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from archive.sound import open_sound
from asr.protocol import Engine, Segment, Transcript, Word
from asr.protocol import Final as FinalHypothesis
from asr.utterance import Span, find_spans
from asr.vad import FRAME_SAMPLES, VoiceActivity
from core.audio import RATE_HZ, Pcm, seconds_of

_MARGIN_FRAMES: Final = 9
"""About 0.3 s of audio around each utterance."""
_MINUTE: Final = 60 * RATE_HZ


def read_channels(path: Path, key_file: Path | None = None) -> tuple[Pcm, ...]:
    """The channels of a recording in whatever form it is kept; errors as ``archive.sound.open_sound``.

    A WAV file whose header promises more than it holds (its writer was killed) is read as far as it goes.
    """
    with open_sound(path, key_file) as sound:
        blocks = list(sound.blocks()) or [np.zeros((0, sound.channels), dtype=np.int16)]
    samples = np.concatenate(blocks)
    return tuple(np.ascontiguousarray(samples[:, channel]) for channel in range(samples.shape[1]))


def _probabilities(audio: Pcm, beat: Callable[[], None]) -> list[float]:
    voice = VoiceActivity()
    found: list[float] = []
    padded = np.concatenate((audio, np.zeros(-audio.size % FRAME_SAMPLES, dtype=np.int16)))
    for start in range(0, padded.size, _MINUTE):
        found += voice.accept(padded[start : start + _MINUTE])
        beat()
    return found


def _borders(span: Span, before: Span | None, after: Span | None, length: int) -> tuple[int, int]:
    """Samples of ``span`` with its margin, which reaches at most halfway into the pause to a neighbour."""
    first = span.first - _MARGIN_FRAMES
    last = span.last + 1 + _MARGIN_FRAMES
    if before is not None:
        first = max(first, (before.last + 1 + span.first) // 2)
    if after is not None:
        last = min(last, (span.last + 1 + after.first) // 2)
    return max(0, first * FRAME_SAMPLES), min(length, last * FRAME_SAMPLES)


def _channel(engine: Engine, audio: Pcm, speaker: str, beat: Callable[[], None]) -> list[Segment]:
    spans = find_spans(_probabilities(audio, beat))
    segments: list[Segment] = []
    for index, span in enumerate(spans):
        before = spans[index - 1] if index else None
        after = spans[index + 1] if index + 1 < len(spans) else None
        start, end = _borders(span, before, after, audio.size)
        recogniser = engine.recogniser()
        said = [*recogniser.accept(audio[start:end]), *recogniser.finish()]
        beat()
        offset_s, first_s = seconds_of(start), seconds_of(span.first * FRAME_SAMPLES)
        words = tuple(  # an engine may begin the first word with the silence before it
            Word(word.text, max(offset_s + word.start_s, first_s), max(offset_s + word.end_s, first_s), word.confidence)
            for hypothesis in said
            if isinstance(hypothesis, FinalHypothesis)
            for word in hypothesis.words
        )
        text = "".join(hypothesis.text for hypothesis in said if isinstance(hypothesis, FinalHypothesis)).strip()
        if text:
            segments.append(Segment(speaker, first_s, seconds_of((span.last + 1) * FRAME_SAMPLES), text, words))
    return segments


def transcribe(
    engine: Engine, path: Path, speakers: tuple[str, str], beat: Callable[[], None], key_file: Path | None = None
) -> Transcript:
    """The transcript of ``path``; ``beat`` is called after each piece of work, to show that it goes on.

    Raises ``ParseError`` for a file that is no recording of ours, ``ConfigError`` where it is sealed and the key in
    ``key_file`` is missing, ``OSError`` where it cannot be read.
    """
    began = time.monotonic()
    channels = read_channels(path, key_file)
    beat()
    segments = [
        segment
        for audio, speaker in zip(channels, speakers, strict=False)
        for segment in _channel(engine, audio, speaker, beat)
    ]
    segments.sort(key=lambda segment: (segment.start_s, segment.end_s))
    duration_s = seconds_of(channels[0].size)
    return Transcript(engine.name, duration_s, tuple(segments), time.monotonic() - began)
