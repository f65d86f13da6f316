"""Text in the cells of spreadsheets."""

import re
from typing import Final

_TEXT: Final = re.compile(r'="[^"]*"')
"""As spreadsheets write digits that are to stay text: it computes nothing."""


def harmless(text: str) -> str:
    """What a spreadsheet would take for a formula gets a mark before it; plain signed numbers stay."""
    if text[:1] in ("=", "@", "\t", "\r") and not _TEXT.fullmatch(text):
        return f"'{text}"
    if text[:1] in ("+", "-") and not text[1:].replace("*", "").replace(".", "").isdigit():
        return f"'{text}"
    return text
