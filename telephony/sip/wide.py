"""Requests too wide for a datagram go by TCP, RFC 3261 §18.1.1: fragments of UDP are lost all at once, and many NATs
and firewalls pass none.

Where TCP is not taken the request goes by UDP after all, and that is remembered for a while.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from telephony.sip.hop import TCP, UDP, Hop
from telephony.sip.message import Request

REMEMBERED_S: Final = 600.0
MAX_REMEMBERED: Final = 1000
VIA_OCTETS: Final = 90
"""What our Via adds, about: it comes last, since its transport is not known before."""


class WideRequests:
    """``limit`` is in octets; 0: everything goes as its destination says."""

    def __init__(self, limit: int) -> None:
        self.allowed: Callable[[Hop], bool] = lambda hop: True
        """Whether a destination may listen on TCP at all; one that we know only by what it sent from there does not."""
        self._limit = limit
        self._refused: dict[Hop, float] = {}

    def way(self, request: Request, destination: Hop, now: float) -> Hop:
        """Where ``request`` (without our Via) goes that is meant for ``destination``."""
        if not self._limit or destination.transport != UDP or octets(request) + VIA_OCTETS <= self._limit:
            return destination
        if self._refused.get(destination, 0.0) > now or not self.allowed(destination):
            return destination
        return replace(destination, transport=TCP)

    def refused(self, destination: Hop, now: float) -> None:
        """TCP to ``destination`` (a UDP hop) could not be had."""
        if len(self._refused) >= MAX_REMEMBERED:
            self._refused.clear()
        self._refused[destination] = now + REMEMBERED_S


def octets(request: Request) -> int:
    """How long it is on the wire, to within a few octets: characters are counted, for nearly all are ASCII."""
    head = sum(len(field.name) + len(field.value) + 4 for field in request.headers.fields())
    return len(request.method) + len(str(request.uri)) + 12 + head + 4 + len(request.body)
