"""Who hears whom: each person of a call says a tone of his own, and what the others hear says who is joined."""

import asyncio
from collections.abc import Mapping
from typing import Final

import numpy as np

from core.audio import Pcm
from service.demo.softphone import PhoneCall

LOUD: Final = 300.0
WINDOW: Final = 25
"""Packets that are listened to: half a second."""


def peak(samples: Pcm, hz: float) -> float:
    """The peak of the sine of ``hz`` in ``samples`` (whole tenths of a second)."""
    usable = samples[: len(samples) // 800 * 800].astype(float)
    return float(abs(np.mean(usable * np.exp(-2j * np.pi * hz * np.arange(len(usable)) / 8000)))) * 2


def voices_in(packets: list[Pcm], voices: Mapping[str, float]) -> str:
    """Whose tones of ``voices`` (name to Hz) are in them, in the order of ``voices``."""
    samples = np.concatenate(packets)
    return " ".join(who for who, hz in voices.items() if peak(samples, hz) > LOUD)


async def until_heard(
    calls: Mapping[str, PhoneCall], wanted: Mapping[str, str], voices: Mapping[str, float], timeout_s: float = 15.0
) -> None:
    """Wait until each of ``calls`` hears just those whom he is to hear, for half a second."""
    heard: dict[str, str] = {}
    try:
        async with asyncio.timeout(timeout_s):
            while heard != wanted:
                begin = {name: len(call.voice.heard) for name, call in calls.items()}
                enough = {name: count + WINDOW for name, count in begin.items()}
                while any(len(call.voice.heard) < enough[name] for name, call in calls.items()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                heard = {name: voices_in(call.voice.heard[begin[name] :], voices) for name, call in calls.items()}
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, heard {heard}") from None
