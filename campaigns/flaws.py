"""Why a row of a list is not taken, in words for who mends it: Chinese, then English."""

import re
from enum import StrEnum
from typing import Final

from campaigns.columns import is_shortened
from core.errors import ParseError
from core.numbers import Kind, kind_of, mobile_in, normalise

_MOBILE_DIGITS: Final = 11
_LIKE_A_MOBILE: Final = re.compile(r"1[3-9]\d{5,14}")
_BETWEEN: Final = re.compile(r"[、，,;；/|\n]+|\s{1,}(?=[+01])")
_SHORTEST: Final = 7


class Flaw(StrEnum):
    """What is wrong with a row."""

    NO_NUMBER = "no_number"
    SHORTENED = "shortened"  # by the spreadsheet
    WRONG_LENGTH = "wrong_length"
    NOT_A_NUMBER = "not_a_number"
    SHORT = "short"  # 110, 95555: no customer
    TWICE = "twice"  # in the list
    KNOWN = "known"  # in the campaign
    QUOTED = "quoted"  # a stray quotation mark
    NO_KIND = "no_kind"  # why it is not to be called


_WORDS: Final = {
    Flaw.NO_NUMBER: "没有号码 (no number)",
    Flaw.SHORTENED: "号码被表格软件截断 (shortened by the spreadsheet; format the column as text)",
    Flaw.NOT_A_NUMBER: "号码无效 (not a phone number)",
    Flaw.SHORT: "短号码不外呼 (a short number is never dialled)",
    Flaw.QUOTED: "引号没有成对 (a quotation mark too many)",
    Flaw.NO_KIND: "原因须为 refused（客户拒绝）或 listed（免打扰名单） (kind is refused or listed)",
    Flaw.KNOWN: "名单中已有此人 (already in this campaign)",
}


def words(flaw: Flaw, detail: int = 0) -> str:
    """``detail``: digits of a number of the wrong length, or the line of the row that came first."""
    if flaw is Flaw.TWICE:
        return f"与第 {detail} 行重复 (same person as line {detail})"
    if flaw is Flaw.WRONG_LENGTH:
        return f"号码 {detail} 位，手机号应为 11 位 ({detail} digits; a mobile number has 11)"
    return _WORDS[flaw]


def numbers_in(cell: str) -> tuple[str, ...]:
    """The numbers in a cleaned cell that a customer may be called at, in the house's form; none where one of them is
    not good (``flaw_of`` tells why). Most cells hold one; some two with a mark between.
    """
    if mobile := mobile_in(cell):
        return (mobile,)
    try:
        return _good((normalise(cell),))
    except ParseError:
        pass
    parts = [part for part in _BETWEEN.split(cell) if part]
    if len(parts) < 2:
        return ()
    try:
        return _good(tuple(dict.fromkeys(map(normalise, parts))))
    except ParseError:
        return ()


def flaw_of(cell: str) -> tuple[Flaw, int]:
    """Why ``cell`` holds no number to be called at, with the detail for ``words``."""
    if not cell:
        return Flaw.NO_NUMBER, 0
    if is_shortened(cell):
        return Flaw.SHORTENED, 0
    digits = re.sub(r"[\s\-]", "", cell)
    if len(digits) != _MOBILE_DIGITS and _LIKE_A_MOBILE.fullmatch(digits):  # too long for a short number
        return Flaw.WRONG_LENGTH, len(digits)
    try:
        normalise(cell)
    except ParseError:
        return Flaw.NOT_A_NUMBER, 0
    return Flaw.SHORT, 0


def _good(numbers: tuple[str, ...]) -> tuple[str, ...]:
    """``numbers``, but none where one is short: no machine calls 110, 12345 or 95555."""
    for number in numbers:
        if len(number) < _SHORTEST or kind_of(number) is Kind.SHORT:
            return ()
    return numbers
