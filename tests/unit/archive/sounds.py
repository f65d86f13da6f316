"""Recordings for tests: two talkers of different tones, with the noise floor of a telephone line."""

from pathlib import Path

import numpy as np

from archive.sound import Frames
from core.wav import wav_header


def talk(seconds: float, seed: int = 1) -> Frames:
    """Shape (n, 2): 440 Hz on the left in odd half seconds, 1 kHz on the right in even ones, noise on both."""
    at = np.arange(int(seconds * 8000))
    left = 8000 * np.sin(2 * np.pi * 440 * at / 8000) * (at // 4000 % 2)
    right = 6000 * np.sin(2 * np.pi * 1000 * at / 8000) * (1 - at // 4000 % 2)
    noise = np.random.default_rng(seed).normal(0, 12, (len(at), 2))
    return np.clip(np.stack([left, right], 1) + noise, -32768, 32767).astype(np.int16)


def write_wav(path: Path, frames: Frames) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = frames.astype("<i2").tobytes()
    path.write_bytes(wav_header(len(data), frames.shape[1]) + data)
    return path
