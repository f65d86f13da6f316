"""Headings of spreadsheets: the same however they are spaced, bracketed or written."""

import re
from typing import Final

_BETWEEN: Final = re.compile(r"[\s_\-()（）:：*#.]")


def plain_heading(heading: str) -> str:
    """``heading`` without spaces and marks, in small letters."""
    return _BETWEEN.sub("", heading).lower()
