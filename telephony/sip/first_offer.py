"""The first offer and answer of a call that came in: whose the offer is, and whether it has its answer before the call
is answered, by a reliable provisional answer or its PRACK (RFC 3261 §13.2.1, RFC 3262 §5).
"""


class FirstOffer:
    """``is_ours``: the INVITE held none. ``settled``: it has been answered before the call is."""

    __slots__ = ("is_ours", "settled")

    def __init__(self, *, is_ours: bool) -> None:
        self.is_ours = is_ours
        self.settled = False

    @property
    def awaits_answer(self) -> bool:
        """Whether the peer's answer to our offer is still to come: at the latest in its ACK."""
        return self.is_ours and not self.settled

    def acknowledged(self, sdp: bytes | None) -> tuple[bytes | None, bytes | None]:
        """A PRACK has come to a provisional answer with SDP, and holds ``sdp``: the peer's answer to our offer, and
        what the peer offers anew; at most one of them.
        """
        if not self.awaits_answer:
            self.settled = True  # our answer has arrived
            return None, sdp
        self.settled = sdp is not None  # else our offer comes again with the 200
        return sdp, None
