"""The place in a list that a caller names: 第二个 → 2, 选第三项 → 3, 最后一个 → the last."""

import re
import unicodedata
from typing import Final

from asr.text import simplified

_DIGITS: Final = "一二三四五六七八九十"
_PLACE: Final = re.compile(
    r"第(?P<at>\d{1,2}|[一二两三四五六七八九十]{1,2})(?:个|项|种|条|款|样|选项|是|吧|呢|啊|那个|[\s,.!?，。！？]|$)"
)
_LAST: Final = re.compile(r"最后(?:的)?(?:那)?(?:一)?(?:个|项|种|条|款)")
_NEGATED: Final = re.compile(r"(?:不是|不要|不选|别选|没选)[^,，。]{0,2}$")


def place(text: str, count: int) -> int | None:
    """The place from 1 to ``count``; None: none is named, it is beyond the list, or there are several."""
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    found = {_value(match["at"]) for match in _PLACE.finditer(plain) if not _NEGATED.search(plain[: match.start()])} | {
        count for _ in _LAST.finditer(plain)
    }
    at = found.pop() if len(found) == 1 else 0
    return at if 1 <= at <= count else None


def _value(numeral: str) -> int:
    """1 to 99; 0 where it is no proper numeral."""
    if numeral.isdigit():
        return int(numeral)
    plain = numeral.replace("两", "二")
    if len(plain) == 1:
        return _DIGITS.index(plain) + 1
    return 10 + _DIGITS.index(plain[1]) + 1 if plain[0] == "十" and plain[1] != "十" else 0
