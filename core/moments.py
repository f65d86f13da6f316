"""Days and times as people and programs write them in lists."""

import re
from datetime import datetime, tzinfo
from typing import Final

_LOCAL: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WITH_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)")
"""As programs write moments (ISO 8601)."""


def read_moment(text: str, zone: tzinfo) -> datetime:
    """The moment in ``zone``: ``2026-11-30``, ``2026/11/30 14:05``, ``2026年11月30日``, ``20261130`` are of ``zone``, a
    day alone its beginning; ``2026-11-30T06:05:00Z`` says its own. ``ValueError`` where it is none.
    """
    if _WITH_OFFSET.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(zone)
    found = _COMPACT.fullmatch(text) or _LOCAL.fullmatch(text)
    if found is None:
        raise ValueError
    return datetime(*(int(part) for part in found.groups() if part), tzinfo=zone)  # type: ignore[arg-type,misc]
