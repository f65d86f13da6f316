"""Where a far end's RTCP comes from and where ours goes.

SDP says it (``a=rtcp``, RFC 3605; ``a=rtcp-mux``, RFC 5761) or it is the port after RTP's (RFC 3550 section 11). Behind
NAT neither is true: then the host that RTP was learnt from is believed, and the port is learnt from the first
datagram of it. Nothing is ever sent to a place that only RTCP has named, and nothing taken from elsewhere.
"""

from telephony.rtp.latch import NOWHERE, Source


class RtcpPlace:
    """The place of one leg's far end. ``destination`` is None while it is not known."""

    __slots__ = ("_learnt", "_muxed", "_named", "_rtp", "destination")

    def __init__(self) -> None:
        self.destination: Source | None = None
        self._named: Source | None = None  # by SDP
        self._rtp: Source | None = None  # where RTP is known to come from
        self._learnt: Source | None = None
        self._muxed = False

    @property
    def muxed(self) -> bool:
        """RTCP goes through the port of RTP."""
        return self._muxed

    def expect(self, rtp: Source, rtcp: Source | None, *, muxed: bool) -> None:
        """SDP has named the places of RTP and, where it differs from the port after it, RTCP."""
        named = rtp if muxed else rtcp or (rtp[0], rtp[1] + 1)
        if named != self._named or muxed != self._muxed:
            self._learnt = None
        self._named = named if 0 < named[1] < 65536 and named[0] not in NOWHERE else None
        self._muxed = muxed
        self._settle()

    def rtp_comes_from(self, source: Source | None) -> None:
        """RTP is locked to ``source`` (None: to none any longer)."""
        if source != self._rtp:
            self._rtp = source
            self._learnt = None
            self._settle()

    def accepts(self, source: Source) -> bool:
        """Whether a datagram from ``source`` is the far end's."""
        if self._muxed:
            return source == (self._rtp or self._named)
        if source in (self._learnt, self._named):
            return True
        return self._learnt is None and self._rtp is not None and source[0] == self._rtp[0]

    def heard(self, source: Source) -> None:
        """A good datagram came from ``source``, which was accepted."""
        self._learnt = source
        self._settle()

    def _settle(self) -> None:
        if self._muxed:
            self.destination = self._rtp or self._named
        elif self._learnt is not None:
            self.destination = self._learnt
        elif self._rtp is not None and self._named is not None and self._rtp[0] != self._named[0]:
            self.destination = (self._rtp[0], self._rtp[1] + 1) if self._rtp[1] < 65535 else None
        else:
            self.destination = self._named
