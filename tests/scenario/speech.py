"""Real speech for tests, from the prompts that ship with the product, and ways to send it as a leg would."""

import asyncio
import socket
import wave
from pathlib import Path

import numpy as np

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from core.tap import TapFrame, pack_tap
from core.tap_target import TapTarget

PROMPTS = Path(__file__).resolve().parents[2] / "ivr" / "assets" / "system"


def prompt(name: str) -> Pcm:
    """A prompt's audio, e.g. ``welcome``."""
    [path] = PROMPTS.glob(f"{name}.*wav")
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE_HZ), dtype=np.int16)


def write_stereo(path: Path, left: Pcm, right: Pcm) -> Path:
    size = max(left.size, right.size)
    both = np.zeros((size, 2), dtype="<i2")
    both[: left.size, 0] = left
    both[: right.size, 1] = right
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(both.tobytes())
    return path


async def send_tap(target: TapTarget, audio: Pcm, *, end: bool = False) -> None:
    """Send ``audio`` as tap datagrams, faster than it was spoken (a breath every second of audio)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sequence = position = 0
        for position in range(0, audio.size, FRAME_SAMPLES):
            frame = TapFrame(target.stream, sequence, position, audio[position : position + FRAME_SAMPLES])
            sender.sendto(pack_tap(frame), (target.host, target.port))
            sequence += 1
            if sequence % 50 == 0:
                await asyncio.sleep(0.02)
        if end:
            empty = TapFrame(target.stream, sequence, audio.size, np.zeros(0, dtype=np.int16))
            sender.sendto(pack_tap(empty), (target.host, target.port))
