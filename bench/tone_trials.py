"""Signals for ``bench.tones``: keys and switch tones drawn at random within and beyond their limits, speech, music."""

import os
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from telephony.media.codecs import PCMA, PCMU
from telephony.sound.dtmf import COLUMNS_HZ, LAYOUT, ROWS_HZ
from telephony.sound.levels import peak_of, power_of

Wave = NDArray[np.float64]

_REPOSITORY: Final = Path(__file__).resolve().parent.parent
SPEEDS: Final = tuple(0.7 + 0.05 * step for step in range(15))
"""Each recording is also played slower and faster, which makes other voices of it."""
_CADENCES: Final = {"busy": (0.35, 0.35), "congestion": (0.7, 0.7), "ringback": (1.0, 4.0), "dial": (3.0, 0.0)}


def silence(seconds: float) -> Wave:
    """Nothing."""
    return np.zeros(round(seconds * RATE_HZ))


def sine(hz: float, seconds: float, level_dbm0: float, phase: float) -> Wave:
    """One tone."""
    return peak_of(level_dbm0) * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ + phase)


def through_line(signal: Wave) -> Pcm:
    """After one pass through A-law."""
    return PCMA.decode(PCMA.encode(np.clip(signal.round(), -32768, 32767).astype(np.int16)))


def keys(
    rng: np.random.Generator,
    *,
    ms: float = 50.0,
    pause_ms: float = 50.0,
    off: float = 0.0,
    twist_db: float = 2.0,
    low_dbm0: float = -12.0,
    snr_db: float | None = None,
    lost: float = 0.0,
) -> Pcm:
    """All 16 keys one after the other; the fraction ``lost`` of packets of 20 ms is silent."""
    parts = [silence(0.1)]
    for place in range(len(LAYOUT)):
        row, column = divmod(place, 4)
        phases = rng.uniform(0, 2 * np.pi, 2)
        key = sine(ROWS_HZ[row] * (1 + off), ms / 1000, low_dbm0, phases[0])
        key += sine(COLUMNS_HZ[column] * (1 + off), ms / 1000, low_dbm0 + twist_db, phases[1])
        parts += [key, silence(pause_ms / 1000 + rng.uniform(0, 0.005))]
    signal = np.concatenate([*parts, silence(0.1)])
    if snr_db is not None:
        power = power_of(low_dbm0) + power_of(low_dbm0 + twist_db)
        signal = signal + rng.normal(0, np.sqrt(power / 10 ** (snr_db / 10)), len(signal))
    for packet in range(0, len(signal), FRAME_SAMPLES):
        if rng.random() < lost:
            signal[packet : packet + FRAME_SAMPLES] = 0.0
    return through_line(signal)


def switch_tone(rng: np.random.Generator, name: str, cycles: int = 4) -> tuple[Pcm, float]:
    """A tone as a line may bring it, and the seconds of one cycle: 450 ± 25 Hz, cadence ± 10 %, -10 to -30 dBm0,
    15 to 40 dB above noise, beginning anywhere in the cycle.
    """
    on_s, off_s = _CADENCES[name]
    hz, level = 450 + rng.uniform(-25, 25), rng.uniform(-30, -10)
    on_s, off_s = on_s * rng.uniform(0.9, 1.1), off_s * rng.uniform(0.9, 1.1)
    burst = np.concatenate([sine(hz, on_s, level, rng.uniform(0, 6)), silence(off_s)])
    signal = np.tile(burst, cycles)[round(rng.uniform(0, on_s + off_s if off_s else 0.0) * RATE_HZ) :]
    noise = rng.normal(0, np.sqrt(power_of(level) / 10 ** (rng.uniform(15, 40) / 10)), len(signal))
    return through_line(signal + noise), on_s + off_s if off_s else 2.0


def beep(rng: np.random.Generator, greeting: Pcm) -> tuple[Pcm, float]:
    """A greeting, a beep of an answering machine in noise of 20 to 40 dB, silence; and when the beep ends.

    Its frequency is anywhere between 400 and 2000 Hz but at 450 Hz, its length between 0.1 and 2 s.
    """
    while True:
        hz, length_s = rng.uniform(400, 2000), rng.uniform(0.1, 2.0)
        if not 410 < hz < 490 and not (1050 < hz < 1150 and 0.38 < length_s < 0.62):
            break
    level = rng.uniform(-30, -5)
    signal = np.concatenate(
        [greeting.astype(float), silence(rng.uniform(0.0, 0.5)), sine(hz, length_s, level, rng.uniform(0, 6))]
    )
    end_s = len(signal) / RATE_HZ
    signal = np.concatenate([signal, silence(0.6)])
    noise = rng.normal(0, np.sqrt(power_of(level) / 10 ** (rng.uniform(20, 40) / 10)), len(signal))
    return through_line(signal + noise), end_s


def fax(rng: np.random.Generator, name: str) -> Pcm:
    """CNG (one burst and its silence) or CED, with and without phase reversals, within T.30's limits, in noise."""
    level = rng.uniform(-35, -10)
    if name == "cng":
        tone = sine(1100 + rng.uniform(-38, 38), 0.5 * rng.uniform(0.85, 1.15), level, rng.uniform(0, 6))
    else:
        tone = sine(2100 + rng.uniform(-15, 15), rng.uniform(2.6, 4.0), level, rng.uniform(0, 6))
        if rng.random() < 0.5:
            tone *= 1.0 - 2.0 * ((np.arange(len(tone)) // round(rng.uniform(0.425, 0.475) * RATE_HZ)) % 2)
    signal = np.concatenate([silence(0.3), tone, silence(1.0)])
    noise = rng.normal(0, np.sqrt(power_of(level) / 10 ** (rng.uniform(15, 40) / 10)), len(signal))
    return through_line(signal + noise)


def _wav(path: Path) -> Pcm:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def speech() -> dict[str, list[Pcm]]:
    """Utterances by kind: the prompts that are shipped and, where it is there, the shared speech."""
    shipped = [
        _wav(path) for path in sorted((_REPOSITORY / "ivr/assets/system").glob("*.wav")) if "music" not in path.name
    ]
    kinds = {"shipped prompts (synthetic Mandarin)": shipped}
    shared = Path(os.environ.get("LINE400_SHARED", _REPOSITORY.parent / "shared"))
    for name, folder in (("people (Mandarin, English)", "real"), ("synthetic Mandarin commands", "synthetic")):
        if clips := [PCMU.decode(path.read_bytes()) for path in sorted((shared / "speech" / folder).glob("*.ulaw"))]:
            kinds[name] = clips
    clips = [
        _wav(path) for part in ("agents", "callers", "network") for path in sorted((shared / "audio" / part).glob("*"))
    ]
    if clips:
        kinds["synthetic Mandarin callers, agents, announcements"] = clips
    return kinds


def music() -> Pcm:
    """The shipped music on hold."""
    return _wav(_REPOSITORY / "ivr/assets/system/hold_music.wav")


def voices(clips: list[Pcm]) -> Iterator[Pcm]:
    """Each utterance at each of ``SPEEDS``, with half a second of silence after it."""
    pause = np.zeros(RATE_HZ // 2, dtype=np.int16)
    for speed in SPEEDS:
        for clip in clips:
            at = np.arange(0, len(clip) - 1, speed)
            yield np.concatenate([np.interp(at, np.arange(len(clip)), clip).astype(np.int16), pause])
