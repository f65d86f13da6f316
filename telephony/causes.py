"""Why a call ended, in three tongues: our verdict, SIP's status, and the Q.850 cause of the telephone network
(RFC 3326, RFC 6432; the pairs of RFC 3398 §7.2.4 and §8.2.6).
"""

from typing import Final

from telephony.ports import EndReason

_Q850: Final = {
    EndReason.NORMAL: 16,
    EndReason.CANCELLED: 16,
    EndReason.BUSY: 17,
    EndReason.NO_ANSWER: 19,
    EndReason.NO_PHONE: 20,
    EndReason.REJECTED: 21,
    EndReason.NOT_FOUND: 1,
    EndReason.UNAVAILABLE: 41,
    EndReason.MEDIA_LOST: 41,
    EndReason.INTERRUPTED: 41,
    EndReason.CLOSED: 31,
    EndReason.ERROR: 41,
    EndReason.TAKEN_OVER: 16,
}
_VERDICTS: Final = {
    1: EndReason.NOT_FOUND,  # unallocated number
    3: EndReason.NOT_FOUND,  # no route to destination
    17: EndReason.BUSY,
    18: EndReason.NO_ANSWER,  # no user responding
    19: EndReason.NO_ANSWER,  # alerted, but no answer
    20: EndReason.NO_ANSWER,  # subscriber absent
    21: EndReason.REJECTED,
    22: EndReason.NOT_FOUND,  # number changed
    27: EndReason.UNAVAILABLE,  # destination out of order
    28: EndReason.NOT_FOUND,  # invalid number format
    34: EndReason.UNAVAILABLE,  # no circuit
    38: EndReason.UNAVAILABLE,  # network out of order
    41: EndReason.UNAVAILABLE,  # temporary failure
    42: EndReason.UNAVAILABLE,  # congestion
    55: EndReason.REJECTED,  # incoming calls barred
    57: EndReason.REJECTED,  # bearer capability not authorised
}
_TEXTS: Final = {
    1: "Unallocated number",
    16: "Normal call clearing",
    17: "User busy",
    19: "No answer",
    20: "Subscriber absent",
    21: "Call rejected",
    31: "Normal, unspecified",
    41: "Temporary failure",
    44: "Requested channel not available",
    88: "Incompatible destination",
}


def cause_of_reason(reason: EndReason) -> int:
    """What we tell the telephone network."""
    return _Q850[reason]


def reason_header(cause: int) -> tuple[str, str]:
    """The Reason header that tells it."""
    text = _TEXTS.get(cause)
    return "Reason", f'Q.850;cause={cause};text="{text}"' if text else f"Q.850;cause={cause}"


def verdict(status: int, cause: int | None) -> EndReason:
    """What a refusal means: by the telephone network's cause where it gave one that says more than the status (RFC 3261
    §21), which gateways often make one and the same for all.
    """
    if cause is not None and cause in _VERDICTS:
        return _VERDICTS[cause]
    if status in {486, 600}:
        return EndReason.BUSY
    if status in {404, 484, 485, 604, 410}:
        return EndReason.NOT_FOUND
    if status in {480, 408, 487}:
        return EndReason.NO_ANSWER
    if status in {403, 603, 401, 407}:
        return EndReason.REJECTED
    return EndReason.UNAVAILABLE
