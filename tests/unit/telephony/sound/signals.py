"""Signals for the tests of detectors: keys of any shape, noise, what a line does to them, and the shared speech."""

import wave

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ, Pcm
from telephony.media.codecs import PCMA, PCMU
from telephony.sound.dtmf import COLUMNS_HZ, LAYOUT, ROWS_HZ
from telephony.sound.levels import peak_of, power_of
from tests.shared import need_shared

Wave = NDArray[np.float64]


def silence(seconds: float) -> Wave:
    return np.zeros(round(seconds * RATE_HZ))


def sine(hz: float, seconds: float, level_dbm0: float = -10.0, phase: float = 0.4) -> Wave:
    return peak_of(level_dbm0) * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ + phase)


def key_wave(
    key: str, ms: float, *, low_dbm0: float = -12.0, twist_db: float = 2.0, off: float = 0.0, phase: float = 0.4
) -> Wave:
    """A key as a far end may send it: ``off`` is the fraction by which both frequencies are wrong."""
    row, column = divmod(LAYOUT.index(key), 4)
    low = sine(ROWS_HZ[row] * (1 + off), ms / 1000, low_dbm0, phase)
    return low + sine(COLUMNS_HZ[column] * (1 + off), ms / 1000, low_dbm0 + twist_db, 2 * phase)


def noise(seconds: float, level_dbm0: float, seed: int = 1) -> Wave:
    """White noise, the same for the same seed."""
    return np.random.default_rng(seed).normal(0.0, np.sqrt(power_of(level_dbm0)), round(seconds * RATE_HZ))


def through_line(signal: Wave) -> Pcm:
    """After one pass through A-law."""
    return PCMA.decode(PCMA.encode(np.clip(signal.round(), -32768, 32767).astype(np.int16)))


def faster(samples: Pcm, speed: float) -> Pcm:
    """The same recording played ``speed`` times as fast: another voice."""
    at = np.arange(0, len(samples) - 1, speed)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.int16)


def read_wav(*parts: str) -> Pcm:
    with wave.open(str(need_shared(*parts))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def shared_speech() -> list[Pcm]:
    """Every shared recording of speech: Mandarin and English, of people and synthetic, as single utterances."""
    clips = [PCMU.decode(path.read_bytes()) for path in sorted(need_shared("speech").rglob("*.ulaw"))]
    for folder in ("agents", "callers", "network", "system"):
        names = sorted(path.name for path in need_shared("audio", folder).glob("*.wav"))
        clips += [read_wav("audio", folder, name) for name in names if "music" not in name]
    return clips


def hold_music() -> Pcm:
    return read_wav("audio", "system", "hold_music.wav")
