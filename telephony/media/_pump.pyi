"""Compiled twins of these (``_pump.c``)."""

from telephony.media.flow import VERSION as VERSION
from telephony.media.flow import Clock as Clock
from telephony.media.flow import Flow as Flow
from telephony.media.flow import Voice as Voice
from telephony.media.flow import speak as speak
from telephony.media.pump import Pump as Pump
from telephony.media.samples import Tap as Tap
from telephony.media.samples import feed_taps as feed_taps
from telephony.media.samples import interleave as interleave
from telephony.media.samples import send_linear as send_linear
from telephony.rtp.reel import PlainReel as NewReel
from telephony.rtp.tape import PlainTape as NewTape

__all__ = [
    "VERSION",
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
