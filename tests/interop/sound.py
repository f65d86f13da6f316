"""What was heard: tones and levels in recordings, so that a test can say who heard whom."""

import asyncio
import wave
from pathlib import Path

import numpy as np

from archive.sound import open_sound
from core.audio import RATE_HZ, Pcm
from service.demo.softphone import PhoneCall

PIECE = RATE_HZ // 2


def channels(path: Path) -> tuple[Pcm, Pcm]:
    """Left and right of a stereo recording, which may be compressed while we look at it."""
    with open_sound(path) as sound:
        samples = sound.read(0, sound.frames)
    assert samples.shape[1] == 2
    return samples[:, 0].copy(), samples[:, 1].copy()


def tone(frequency_hz: float, seconds: float, amplitude: float = 8000.0) -> Pcm:
    """A sine."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.int16)


def share_of_tone(samples: Pcm, frequency_hz: float, width_hz: float = 15.0) -> float:
    """The share of all energy that lies within ``width_hz`` of the frequency, 0 to 1 (0 for silence)."""
    if not len(samples):
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    total = float(spectrum[1:].sum())
    if total < 1e6:
        return 0.0
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    near = np.abs(frequencies - frequency_hz) <= width_hz
    return float(spectrum[near].sum()) / total


async def until_heard(call: PhoneCall, frequency_hz: float, timeout_s: float = 10.0) -> None:
    """Wait until the party of ``call`` hears that tone, and nothing else, for 0.4 s."""
    heard = call.voice.heard
    async with asyncio.timeout(timeout_s):
        while len(heard) < 20 or share_of_tone(np.concatenate(heard[-20:]), frequency_hz) < 0.9:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def level(samples: Pcm) -> float:
    """RMS."""
    return float(np.sqrt(np.mean(samples.astype(float) ** 2))) if len(samples) else 0.0


def write_mono(path: Path, samples: Pcm) -> Path:
    """A mono 8 kHz WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def place_of(heard: Pcm, said: Pcm) -> tuple[int, float]:
    """Where ``said`` fits ``heard`` best: its first sample, and the normalised cross-correlation there (-1 to 1)."""
    if len(heard) < len(said):
        return 0, 0.0
    size = 1 << (len(heard) + len(said)).bit_length()
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(said.astype(float), size))
    correlation = np.fft.irfft(spectrum, size)[: len(heard) - len(said) + 1]
    energy = np.concatenate(([0.0], np.cumsum(heard.astype(float) ** 2)))
    windows = energy[len(said) :] - energy[: len(heard) - len(said) + 1]
    fit = correlation / np.sqrt(np.maximum(windows, 1.0) * float((said.astype(float) ** 2).sum()))
    best = int(fit.argmax())
    return best, float(fit[best])


def _loud_pieces(said: Pcm) -> list[tuple[int, Pcm]]:
    """Pieces of half a second, and where they begin, but for pauses."""
    pieces = [(start, said[start : start + PIECE]) for start in range(0, len(said) - PIECE + 1, PIECE)]
    return [(start, piece) for start, piece in pieces if level(piece) > 0.3 * level(said)]


def begin_of(heard: Pcm, said: Pcm) -> tuple[int, float]:
    """Where ``said`` begins in ``heard``, by whichever of its first loud pieces fits best, and that fit: where its
    sender was held up for a moment, some of it comes later than the rest and does not fit as a whole.
    """
    places = [(start, *place_of(heard, piece)) for start, piece in _loud_pieces(said)[:4]]
    start, place, fit = max(places, key=lambda found: found[2])
    return place - start, fit


def resembles(heard: Pcm, said: Pcm, *, least: float = 0.8) -> bool:
    """Whether ``said`` is in ``heard``: most of its pieces of half a second fit somewhere by ``least``.

    A recording lays a stream on its own clock, to which it is moved by some milliseconds now and then, so the pieces
    need not stand exactly side by side, and one in which that happens does not fit as a whole.
    """
    loud = _loud_pieces(said)
    fits = sum(place_of(heard, piece)[1] >= least for _, piece in loud)
    return bool(loud) and fits >= 0.7 * len(loud)
