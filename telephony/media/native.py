"""The hot path: compiled where that could be built, else the same in Python.

``pip`` builds ``_pump.c`` where there is a C compiler and goes on without it where there is none. LINE400_PURE=1 in the
environment asks for Python although the compiled one is there (tests run both).
"""

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from telephony.media.flow import Clock, Flow, Voice, speak
    from telephony.media.pump import Pump
    from telephony.media.samples import Tap, feed_taps, interleave, send_linear
    from telephony.rtp.reel import PlainReel as NewReel
    from telephony.rtp.tape import PlainTape as NewTape
else:
    try:
        if os.environ.get("LINE400_PURE"):
            raise ImportError("asked not to")
        from telephony.media import _pump
        from telephony.media.flow import VERSION

        if _pump.VERSION != VERSION:
            raise ImportError("built from another version of its source")
        from telephony.media._pump import (
            Clock,
            Flow,
            NewReel,
            NewTape,
            Pump,
            Tap,
            Voice,
            feed_taps,
            interleave,
            send_linear,
            speak,
        )
    except ImportError:
        from telephony.media.flow import Clock, Flow, Voice, speak
        from telephony.media.pump import Pump
        from telephony.media.samples import Tap, feed_taps, interleave, send_linear
        from telephony.rtp.reel import PlainReel as NewReel
        from telephony.rtp.tape import PlainTape as NewTape

COMPILED: Final = Flow.__module__.endswith("_pump")

__all__ = [
    "COMPILED",
    "Clock",
    "Flow",
    "NewReel",
    "NewTape",
    "Pump",
    "Tap",
    "Voice",
    "feed_taps",
    "interleave",
    "send_linear",
    "speak",
]
