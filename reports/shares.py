"""A share with its interval."""

from dataclasses import dataclass

from reports.intervals import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of``; the share and its 95 % Wilson interval are None where there are none."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def share_of(hits: int, of: int) -> Share:
    """With its interval."""
    if not of:
        return Share(hits, of, None, None, None)
    low, high = wilson(hits, of)
    return Share(hits, of, hits / of, low, high)
