"""What people type by a Chinese input method: full-width digits and signs (１０, ９，０００) mean the plain ones."""

import re
import unicodedata
from typing import Final

_SIGNS: Final = str.maketrans({"。": ".", "−": "-", "–": "-", "—": "-"})
"""Signs that no compatibility form makes plain: the full stop beside full-width digits, and other minuses."""
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,9})?")


def plain(text: str) -> str:
    """``text`` of a field for digits, as it would have been typed without the input method."""
    return unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()


def number_typed(value: object) -> object:
    """The number, where ``value`` is a text that is one, with thousands set apart by commas or not: whole, but with a
    period. Anything else as it is.
    """
    found = _NUMBER.fullmatch(text := plain(value)) if isinstance(value, str) else None
    if found is None:
        return value
    bare = text.replace(",", "")
    return float(bare) if found[1] else int(bare)
