"""What a caller or agent says in a test: clips of real speech at known places, and what ought to be heard of them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.audio import RATE_HZ, Pcm
from telephony.media.codecs import PCMU
from tests.shared import need_shared

_FRAME = RATE_HZ // 50
_SILENCE = b"\xff"


def voiced_s(audio: Pcm) -> tuple[float, float]:
    """Where speech begins and ends in a clip of it: 20 ms frames that are louder than halfway, in decibels, between the
    room's noise and the loudest. No recogniser is asked.
    """
    samples = audio.astype(float)
    frames = samples[: len(samples) - len(samples) % _FRAME].reshape(-1, _FRAME)
    power = 10 * np.log10((frames**2).mean(axis=1) + 1.0)
    loud = np.flatnonzero(power >= (np.percentile(power, 10) + power.max()) / 2)
    return float(loud[0] * _FRAME) / RATE_HZ, float((loud[-1] + 1) * _FRAME) / RATE_HZ


def _without_rumble(audio: Pcm) -> Pcm:
    """Only what is above 200 Hz: one person's breath on the microphone is as loud as the soft voice after it."""
    spectrum = np.fft.rfft(audio.astype(float))
    spectrum[: round(200 * len(audio) / RATE_HZ)] = 0
    return np.fft.irfft(spectrum, len(audio)).astype(np.int16)


@dataclass(frozen=True)
class Clip:
    """Speech in G.711 µ-law, and its text."""

    name: str
    text: str
    encoded: bytes

    @property
    def audio(self) -> Pcm:
        return PCMU.decode(self.encoded).astype(np.int16)

    def voiced_s(self) -> tuple[float, float]:
        return voiced_s(_without_rumble(self.audio))


def real_sentences() -> list[Clip]:
    """The Mandarin sentences of real people."""
    folder = need_shared("speech")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        Clip(entry["file"], entry["text"], (folder / entry["file"]).read_bytes())
        for entry in manifest
        if entry["lang"] == "zh" and entry["kind"] == "sentence"
    ]


@dataclass(frozen=True)
class Said:
    """``clip`` begins ``at_s`` after its speaker's file does."""

    clip: Clip
    at_s: float


class Script:
    """One speaker's file: clips and pauses, one after the other."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._encoded = bytearray()

    @property
    def seconds(self) -> float:
        return len(self._encoded) / RATE_HZ

    def say(self, clip: Clip) -> None:
        self.said.append(Said(clip, self.seconds))
        self._encoded += clip.encoded

    def pause(self, seconds: float) -> None:
        self._encoded += _SILENCE * round(seconds * RATE_HZ)

    def play(self, samples: Pcm) -> None:
        """Sound that is not speech."""
        self._encoded += PCMU.encode(samples)

    def audio(self) -> Pcm:
        return PCMU.decode(bytes(self._encoded)).astype(np.int16)

    def write(self, path: Path, *, then_silent_s: float) -> Path:
        """The file for a simulated phone; it falls silent for ``then_silent_s`` at its end."""
        path.write_bytes(bytes(self._encoded) + _SILENCE * round(then_silent_s * RATE_HZ))
        return path
