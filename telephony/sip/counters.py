"""How many SIP messages passed, by method and response code, each way; repeats, time-outs and what was dropped.

Counted from the first line and CSeq of the bytes as they pass, so what is sent again counts again. Bounded whatever
peers send: methods that do not exist and codes that cannot be are counted together, as ``OTHER`` and 0.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telephony.sip.methods import KNOWN_METHODS

OTHER: Final = "OTHER"
"""Stands for every method that does not exist."""
_METHODS: Final = {method.encode(): method for method in KNOWN_METHODS}
_STATUSES: Final = {str(status).encode(): status for status in range(100, 700)}
_HEAD: Final = 2048
_LONGEST_METHOD: Final = 10
_CSEQ: Final = re.compile(rb"\n[Cc][Ss][Ee][Qq][ \t]*:[ \t]*\d+[ \t]+([A-Z]+)")


class Mishap(StrEnum):
    """What else is counted."""

    REPEATED = "repeated"  # a request or final response of ours was sent again, for want of an answer
    TIMED_OUT = "timed_out"  # a request of ours was never answered
    MALFORMED = "malformed"  # what came could not be read, and was dropped
    UNWANTED = "unwanted"  # a request from a stranger who asks too much was dropped


@dataclass(frozen=True, slots=True)
class Counted:
    """``count`` messages that were ``received`` (or sent): requests of ``method`` where ``status`` is None, else
    responses with that ``status`` to such requests.
    """

    received: bool
    method: str
    status: int | None
    count: int


class SipCounters:
    """Counts since it was made."""

    def __init__(self) -> None:
        self._counts: dict[tuple[bool, str, int | None], int] = {}
        self._mishaps = dict.fromkeys(Mishap, 0)

    def note(self, data: bytes, *, received: bool) -> None:
        """A message passes; keep-alives are none."""
        if data.startswith(b"SIP/2.0 "):
            found = _CSEQ.search(data, 0, _HEAD)
            method = _METHODS.get(found[1], OTHER) if found is not None else OTHER
            status = _STATUSES.get(data[8:11], 0)
            key: tuple[bool, str, int | None] = (received, method, status)
        else:
            name = data[: data.find(b" ", 0, _LONGEST_METHOD)]
            if name not in _METHODS and not data.strip(b"\r\n\0"):
                return
            key = (received, _METHODS.get(name, OTHER), None)
        self._counts[key] = self._counts.get(key, 0) + 1

    def mishap(self, kind: Mishap) -> None:
        """Something went wrong."""
        self._mishaps[kind] += 1

    def messages(self) -> list[Counted]:
        """All that passed: received first, by method, requests before their responses."""
        order = sorted(self._counts.items(), key=lambda item: (not item[0][0], item[0][1], item[0][2] or 0))
        return [Counted(*key, count) for key, count in order]

    def mishaps(self) -> dict[Mishap, int]:
        """What went wrong."""
        return dict(self._mishaps)
