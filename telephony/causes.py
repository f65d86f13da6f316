"""Why a call is not taken or ends, in three tongues: our verdict, SIP's status, and the Q.850 cause of the telephone
network (RFC 3326, RFC 6432; pairs of status and cause as RFC 3398 §7.2.4 and §8.2.6 have them).

Two questions are answered here. How do we refuse or end a call for a reason of our own? And when somebody whom we
called refuses, what does it mean, and what is the other side of the call told?
"""

from dataclasses import dataclass
from typing import Final

from telephony.ports import EndReason


@dataclass(frozen=True, slots=True)
class Release:
    """How a call is refused: SIP's ``status`` and the ``cause`` of Q.850. One that is answered ends by BYE, with the
    cause alone.
    """

    status: int
    cause: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal says (``reason``), and the ``release`` by which it is passed on."""

    reason: EndReason
    release: Release


INCOMPATIBLE: Final = Release(488, 88)
"""There is no audio that both sides can carry; to a 200 whose SDP is of no use too (RFC 3261 §13.2.2.4)."""

_OURS: Final = {
    EndReason.NORMAL: Release(480, 16),
    EndReason.CANCELLED: Release(480, 16),
    EndReason.BUSY: Release(486, 17),
    EndReason.NO_ANSWER: Release(480, 19),
    EndReason.NO_PHONE: Release(480, 20),
    EndReason.REJECTED: Release(603, 21),
    EndReason.NOT_FOUND: Release(404, 1),
    EndReason.UNAVAILABLE: Release(503, 41),
    EndReason.MEDIA_LOST: Release(503, 41),
    EndReason.INTERRUPTED: Release(480, 41),
    EndReason.CLOSED: Release(480, 31),
    EndReason.ERROR: Release(500, 41),
    EndReason.TAKEN_OVER: Release(480, 16),
}
"""For reasons of our own."""


def _meaning(reason: EndReason, status: int, cause: int) -> Meaning:
    return Meaning(reason, Release(status, cause))


_BY_STATUS: Final = {
    403: _meaning(EndReason.REJECTED, 403, 21),
    404: _meaning(EndReason.NOT_FOUND, 404, 1),
    408: _meaning(EndReason.NO_ANSWER, 480, 18),
    410: _meaning(EndReason.NOT_FOUND, 410, 22),
    480: _meaning(EndReason.NO_ANSWER, 480, 18),
    484: _meaning(EndReason.NOT_FOUND, 484, 28),
    485: _meaning(EndReason.NOT_FOUND, 485, 1),
    486: _meaning(EndReason.BUSY, 486, 17),
    487: _meaning(EndReason.NO_ANSWER, 480, 18),
    488: _meaning(EndReason.UNAVAILABLE, 488, 88),
    600: _meaning(EndReason.BUSY, 600, 17),
    603: _meaning(EndReason.REJECTED, 603, 21),
    604: _meaning(EndReason.NOT_FOUND, 604, 1),
    606: _meaning(EndReason.UNAVAILABLE, 606, 88),
}
"""What speaks of the person, of his number or of the voice is passed on as it is."""

_BY_CLASS: Final = {
    3: _meaning(EndReason.UNAVAILABLE, 480, 31),  # he is elsewhere, and it was not followed
    6: _meaning(EndReason.REJECTED, 603, 21),
}
_FAULT: Final = _meaning(EndReason.UNAVAILABLE, 500, 41)
"""Any other refusal is a matter between us and whoever refused: a challenge (401, 407) that we have no password for is
none that the other side could meet, and 503 would tell it to leave us alone altogether (RFC 3261 §16.7 item 6).
"""

_BY_CAUSE: Final = {
    1: (EndReason.NOT_FOUND, 404),  # unallocated number
    3: (EndReason.NOT_FOUND, 404),  # no route to destination
    17: (EndReason.BUSY, 486),
    18: (EndReason.NO_ANSWER, 480),  # no user responding
    19: (EndReason.NO_ANSWER, 480),  # alerted, but no answer
    20: (EndReason.UNAVAILABLE, 480),  # subscriber absent
    21: (EndReason.REJECTED, 603),
    22: (EndReason.NOT_FOUND, 410),  # number changed
    27: (EndReason.UNAVAILABLE, 480),  # destination out of order
    28: (EndReason.NOT_FOUND, 484),  # invalid number format
    34: (EndReason.UNAVAILABLE, 500),  # no circuit
    38: (EndReason.UNAVAILABLE, 500),  # network out of order
    41: (EndReason.UNAVAILABLE, 500),  # temporary failure
    42: (EndReason.UNAVAILABLE, 500),  # congestion
    55: (EndReason.REJECTED, 403),  # incoming calls barred
    57: (EndReason.REJECTED, 403),  # bearer capability not authorised
}
"""Causes that say more than a status does, each with the status that says the same."""

_TEXTS: Final = {
    1: "Unallocated number",
    3: "No route to destination",
    16: "Normal call clearing",
    17: "User busy",
    18: "No user responding",
    19: "No answer",
    20: "Subscriber absent",
    21: "Call rejected",
    22: "Number changed",
    27: "Destination out of order",
    28: "Invalid number format",
    31: "Normal, unspecified",
    34: "No circuit available",
    38: "Network out of order",
    41: "Temporary failure",
    42: "Switching equipment congestion",
    44: "Requested channel not available",
    55: "Incoming calls barred",
    57: "Bearer capability not authorized",
    88: "Incompatible destination",
}


def meaning_of(status: int, cause: int | None) -> Meaning:
    """What a refusal with SIP ``status`` means. A ``cause`` of the telephone network that says more goes before it, for
    gateways often make one and the same status of all (RFC 3261 §21).
    """
    told = _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, _FAULT)
    if cause is None or cause not in _BY_CAUSE:
        return told
    reason, same = _BY_CAUSE[cause]
    return _meaning(reason, told.release.status if reason is told.reason else same, cause)


def verdict(status: int, cause: int | None) -> EndReason:
    """The reason of ``meaning_of``."""
    return meaning_of(status, cause).reason


def release_of(reason: EndReason, status: int = 0, cause: int = 0) -> Release:
    """How a call is refused or ended for ``reason``; ``status`` and ``cause`` are those by which somebody whom we
    called for it has refused, 0 where nobody has.
    """
    return meaning_of(status, cause or None).release if status else _OURS[reason]


def reason_header(cause: int) -> tuple[str, str]:
    """The Reason header that tells ``cause``."""
    text = _TEXTS.get(cause)
    return "Reason", f'Q.850;cause={cause};text="{text}"' if text else f"Q.850;cause={cause}"
