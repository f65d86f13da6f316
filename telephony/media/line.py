"""What a leg needs of its port: how to send, and which packets come the short way."""

from typing import Protocol

from telephony.media.reports import ControlLine
from telephony.media.sender import Transmit
from telephony.rtp.latch import Source


class Line(ControlLine, Protocol):
    """The port of a leg (``sockets.LegSocket``)."""

    @property
    def descriptor(self) -> int:
        """The socket that is connected to the locked source, for sending plain packets; -1 if there is none."""
        ...

    def towards(self, destination: Source) -> Transmit:
        """How to send to ``destination``, while packets are taken from anywhere."""
        ...

    def lock(self, source: Source) -> Transmit:
        """Take packets of ``source`` on the short way (``MediaLeg.hear``) from now on; how to send to it."""
        ...

    def unlock(self) -> None:
        """All packets take the long way (``MediaLeg.receive``) again."""
        ...
