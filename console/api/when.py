"""Moments as people and programs write them in a query: ISO 8601, a bare date, or epoch seconds."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from console.problems import Problem

_LAST = 4_102_444_800.0  # the year 2100


def moment(text: str | None, zone: ZoneInfo, where: str) -> float | None:
    """Epoch seconds of ``text``; without an offset it is meant in ``zone``. 422 naming ``where`` for anything else."""
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = _from_iso(text.strip(), zone, where)
    if not math.isfinite(value):
        raise _unreadable(text, where)
    if not 0 <= value <= _LAST:
        raise Problem(
            422,
            f"outside of the years that are kept: {text[:40]!r}",
            where=f"query.{where}",
            mend="Ask for a moment from 1970-01-01T00:00+00:00 to 2100-01-01T00:00+00:00.",
            code="invalid",
        )
    return value


def _from_iso(text: str, zone: ZoneInfo, where: str) -> float:
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "T", 1) if "+" not in text else text.replace(" ", "+"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise _unreadable(text, where) from None


def _unreadable(text: str, where: str) -> Problem:
    return Problem(
        422,
        f"not a moment: {text[:40]!r}",
        where=f"query.{where}",
        mend="Write 2026-01-31, 2026-01-31T08:30, 2026-01-31T08:30+08:00 or epoch seconds.",
        code="invalid",
    )
