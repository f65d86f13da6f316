"""How many, as callers say it: 三万五千公里 → 35000, 三万五 → 35000, 3.5万 → 35000, 一百五 → 150, 三五零零零 → 35000.

三万多 and 大概三万 count as 30000: what was said is kept beside the number. Two numbers at once (三四万, 三万到四万)
are none, nor are those about something else (第一次, 二零一九年, 两个小时, unless that is what was asked for).
"""

import re
import unicodedata
from typing import Final

from asr.text import simplified

_VALUES: Final = {
    "零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_UNITS: Final = {"千": 1000, "百": 100, "十": 10}
_ONES: Final = "".join(_VALUES)
_RUN: Final = re.compile(rf"(?:\d+(?:[.点]\d+)?|[{_ONES}十百千万几](?:点(?=[{_ONES}]))?)+")
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_OTHER: Final = re.compile(
    r"(?:般|下|直|些|样|定|起|共|边|点|会儿|分|个?小时|个?钟|年|个?月|天|日|号|岁|块|元|楼|层|成|位|辆|台|个?星期|个?礼拜|次|回|趟|遍|个|%)"
)
_HALF: Final = re.compile(r"(?:公里|[个次年])?半")
_SAME: Final = {"公里": ("公里", "千米", "km"), "次": ("次", "回", "趟", "遍"), "元": ("元", "块")}
_COUNTER: Final = frozenset("个次")
_NOT_ONE: Final = re.compile(r"[一1](?:次|回|趟|遍|个|公里|点)?(?:都|也)?(?:没|不)")
"""一次也没有: none at all."""
_BETWEEN: Final = re.compile(r"(?:公里|[次个])?(?:或者?|还是|要么|到|至|[-~～])")
_CORRECTS: Final = ("不对", "不是", "说错", "改成", "应该是")


def quantity(text: str, low: int, high: int, unit: str = "") -> int | None:
    """The whole number from ``low`` to ``high`` that ``text`` names; ``unit`` is what is counted (公里, 次). None:
    there is none, it is out of range, or not clear.
    """
    plain = _GROUPED.sub("", simplified(unicodedata.normalize("NFKC", text)).lower().replace(" ", ""))
    if _NOT_ONE.search(plain):
        return 0 if low == 0 else None
    units = _SAME.get(unit, (unit,) if unit else ())
    of_unit: list[tuple[int, int | None]] = []
    others: list[tuple[int, int | None]] = []
    for found in _RUN.finditer(plain):
        if plain[found.start() - 1 : found.start()] in ("第", "之"):
            continue
        rest = re.sub("^(?:多|来|余|左右|上下)", "", plain[found.end() :])
        value = None if _HALF.match(rest) or _BETWEEN.match(rest) else cardinal(found.group())
        if units and rest.startswith(units):
            of_unit.append((found.start(), value))
        elif _BETWEEN.match(rest):
            of_unit.append((found.start(), None))
        elif not _OTHER.match(rest) or (not units and rest[:1] in _COUNTER):
            others.append((found.start(), value))
    value = _chosen(plain, of_unit or others)
    return value if value is not None and low <= value <= high else None


def _chosen(text: str, found: list[tuple[int, int | None]]) -> int | None:
    """The one number, repeated or not, or what was corrected to."""
    values = {value for _, value in found}
    if len(values) == 1:
        return values.pop()
    if len(found) > 1 and any(word in text[found[-2][0] : found[-1][0]] for word in _CORRECTS):
        return found[-1][1]
    return None


def cardinal(numeral: str) -> int | None:
    """The value of a numeral in figures, characters or both, below 万万; None where it is no single whole number."""
    if numeral.isascii() and numeral.isdigit() and len(numeral) <= 9:
        return int(numeral)
    head, ten_thousand, tail = numeral.partition("万")
    if not ten_thousand:
        whole = _section(numeral)
        return int(whole) if whole is not None and whole == int(whole) else None
    if "万" in tail:
        return None
    above = _section(head)
    if above is None or not above:
        return None
    if len(tail) == 1 and tail in _VALUES and tail not in "零〇":
        below: float | None = _VALUES[tail] * 1000  # 三万五
    elif len(tail) == 1 and tail in "123456789":
        below = int(tail) * 1000
    else:
        below = _section(tail) if tail else 0
    if below is None or below >= 10_000 or below != int(below):
        return None
    value = round(above * 10_000, 3) + below
    return int(value) if value == int(value) else None


def _section(text: str) -> float | None:
    """Up to 9999, or digits one by one (三五零零零); a fraction where it has 点 (三点五)."""
    if not text or "几" in text:
        return None
    whole, point, fraction = re.sub("[.]", "点", text).partition("点")
    if point:
        digits, above = "".join(map(_figure, fraction)), _section(whole)
        return above + int(digits) / 10 ** len(digits) if above is not None and digits.isdigit() else None
    if whole.isdigit() and whole.isascii():
        return int(whole) if len(whole) <= 9 else None
    if all(character in _VALUES for character in whole):
        if len(whole) == 1 or (len(whole) == 2 and whole[0] in "零〇"):
            return _VALUES[whole[-1]]
        # 三四 is three or four
        return int("".join(map(_figure, whole))) if len(whole) > 2 and len(whole) <= 9 else None
    return _by_units(whole)


def _by_units(text: str) -> int | None:
    total, last, rest = 0, 10_000, text
    while rest:
        found = re.match(rf"(?P<zero>[零〇]?)(?P<digit>\d+|[{_ONES}]?)(?P<unit>[千百十]?)", rest)
        if found is None or not found.group():
            return None
        digit, unit = found["digit"], found["unit"]
        rest = rest[found.end() :]
        count = int(digit) if digit.isdigit() else _VALUES.get(digit)
        if unit:
            if _UNITS[unit] >= last or (count is None and unit != "十") or (count or 1) > 9:
                return None
            total, last = total + (1 if count is None else count) * _UNITS[unit], _UNITS[unit]
        else:
            if count is None or count > 9 or rest:
                return None
            short = last in (1000, 100) and not found["zero"]  # 一百五 is 150
            return total + count * (last // 10 if short else 1)
    return total


def _figure(character: str) -> str:
    return str(_VALUES[character]) if character in _VALUES else character
