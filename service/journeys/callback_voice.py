"""A waiting caller says that he wants to be called back, as he has just been offered.

A recogniser that listened to music for as long as callers wait would be kept busy by every one of them. So it listens
for a few seconds after an offer only: whoever speaks then has just heard what he may ask for.
"""

from typing import Final

from asr.phrases import nearest
from asr.protocol import Ears, Heard, Hearing, SpeechStarted
from core.errors import LegEnded, Unavailable
from telephony.ports import Leg

MAX_S: Final = 4.0
"""A sentence that is longer is cut: it is no plain yes."""
PHRASES: Final = (
    "回电",
    "回电话",
    "给我回电话",
    "给我回电",
    "请给我回电话",
    "预约回电",
    "打给我",
    "给我打回来",
    "call me back",
)


async def asks_for_callback(leg: Leg, ears: Ears, listen_s: float) -> bool:
    """Listen to the far end of ``leg``: True where, within ``listen_s``, it has begun to say so. False also where it
    hangs up or nobody can listen: keys are left to the caller, and his end is seen by whoever waits for it.
    """
    try:
        said = await _hear(leg, ears, listen_s)
    except (LegEnded, Unavailable, OSError):
        return False
    return isinstance(said, Heard) and nearest(said.text, {"callback": PHRASES}) is not None


async def _hear(leg: Leg, ears: Ears, listen_s: float) -> Hearing:
    listening = await ears.listen(PHRASES, no_speech_s=listen_s, max_s=MAX_S)
    try:
        await leg.start_tap(listening.tap)
        while isinstance(said := await listening.next(), SpeechStarted):
            pass
        return said
    finally:
        try:
            if leg.end is None:
                await leg.stop_tap()
        finally:
            await listening.close()
