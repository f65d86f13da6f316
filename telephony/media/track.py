"""One direction of a leg as recordings and taps see it: its timeline and the codec that it is held in."""

from telephony.media.codecs import Law
from telephony.media.native import Clock, NewReel
from telephony.media.samples import linear_of
from telephony.rtp.jitter import AudioTimeline

__all__ = ["Clock", "Track"]


class Track:
    """A timeline in ``codec``. It outlives its leg: readers then hear silence."""

    __slots__ = ("codec", "reel", "timeline")

    def __init__(self, codec: Law, now: int) -> None:
        self.codec = codec
        self.reel = NewReel(codec.silence, now)
        self.reel.linear = linear_of(codec)
        self.timeline = AudioTimeline(codec.silence, now, self.reel, codec)

    def change_codec(self, codec: Law) -> None:
        """Packets come in ``codec`` from now on."""
        if codec is not self.codec:
            self.timeline.change_codec(self.codec.to_other, codec.silence, codec)
            self.reel.linear = linear_of(codec)
            self.codec = codec
