"""What a recording of ``bench.media`` must hold, sample by sample."""

import wave
from pathlib import Path
from typing import Final

import numpy as np

from bench.media_payload import said, sound
from core.audio import FRAME_SAMPLES, RATE_HZ
from telephony.media.codecs import PCMA

_TIMES: Final = 6
_SILENCE: Final = bytes([PCMA.silence])
_MOST_MOVED: Final = 480


def music() -> bytes:
    """A clip in A-law: the same noise that far ends speak, so that a few samples say where in it they belong."""
    return sound() * _TIMES


def write_music(path: Path) -> None:
    """The clip as a file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(PCMA.decode(music()).astype("<i2").tobytes())


def check_recording(path: Path, call: int, sent: list[int], *, bridged: bool) -> tuple[int, int]:
    """Samples of a recording that are not what was said, and how often what was said was moved to keep pace."""
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
    left, right = (PCMA.encode(np.ascontiguousarray(side)) for side in np.frombuffer(data, "<i2").reshape(-1, 2).T)
    legs = (2 * call, 2 * call + 1) if bridged else (call, -1)
    wrong = moved = 0
    for heard, leg in zip((left, right), legs, strict=True):
        if leg >= 0:
            expected = said(leg, sent[leg])
        else:
            expected = _played(heard)
        results = _compare(heard, expected)
        wrong, moved = wrong + results[0], moved + results[1]
    return wrong, moved


def _played(heard: bytes) -> bytes:
    """The music from where it begins in ``heard``, which may be in its middle: it played already."""
    begin = len(heard) - len(heard.lstrip(_SILENCE))
    at = max(0, music().find(heard[begin : begin + FRAME_SAMPLES]))
    return (music() * 2)[at : at + max(FRAME_SAMPLES, len(heard.rstrip(_SILENCE)) - begin)]


def _compare(heard: bytes, expected: bytes) -> tuple[int, int]:
    """Silence, then ``expected``, then silence; a packet that is not in its place may be close to it."""
    place = start = heard.find(expected[:FRAME_SAMPLES])
    if start < 0:
        return len(expected), 0
    wrong = moved = 0
    for at in range(0, len(expected), FRAME_SAMPLES):
        packet = expected[at : at + FRAME_SAMPLES]
        if not heard.startswith(packet, place):
            found = heard.find(packet, max(0, place - _MOST_MOVED), place + _MOST_MOVED + FRAME_SAMPLES)
            moved += found >= 0
            wrong += len(packet) if found < 0 else 0
            place = place if found < 0 else found
        place += len(packet)
    around = heard[:start] + heard[place:]
    return wrong + len(around) - around.count(_SILENCE), moved
