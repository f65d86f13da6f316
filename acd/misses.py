"""Why a phone that was rung was not answered, as the log says it."""

import logging
from typing import Final

from acd.facts import OfferResult
from core.errors import CallRejected, TransactionTimeout, Unavailable

_log = logging.getLogger("line400.acd")
_UNREACHABLE: Final = frozenset({404, 408, 410, 430})


def result_of(fault: BaseException | None) -> OfferResult:
    """How an offer went whose ringing ended with ``fault`` (None: it was cancelled, but not by us)."""
    match fault:
        case None:
            return OfferResult.FAILED
        case TransactionTimeout():
            return OfferResult.TIMED_OUT
        case CallRejected(status=status):
            unreachable = status in _UNREACHABLE or 500 <= status <= 599
            return OfferResult.FAILED if unreachable else OfferResult.REFUSED
        case Unavailable():
            return OfferResult.FAILED
        case _:
            _log.error("ringing an agent failed", exc_info=fault)
            return OfferResult.FAILED
