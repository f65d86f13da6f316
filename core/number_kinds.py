"""What kind of number somebody wants to call, in the numbering plan as ``phonenumbers`` knows it and as it is dialled
in China, where short service numbers stand beside E.164.

The kind is that of the number in the form in which it is then dialled (``Placed.number``), so no other spelling of a
dear number (00 or +, a carrier's code before it, full-width brackets) passes for a cheap one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from core.errors import ParseError
from core.numbers import normalise


class NumberKind(StrEnum):
    """What answers there, and who pays for it."""

    EMERGENCY = "emergency"  # 110, 119, 120, 122
    SERVICE = "service"  # 400, 800, 95xxx, 1010xxxx, 10086, 12345
    SHORT = "short"  # three to six digits: 96xxx, an extension behind the carrier
    LOCAL = "local"  # a fixed line without its area code
    FIXED = "fixed"
    MOBILE = "mobile"
    PREMIUM = "premium"  # the caller pays whoever answers: 168, 160, 1259, those of other countries
    ABROAD = "abroad"  # with Hong Kong, Macao and Taiwan, whose calls are charged so too
    UNKNOWN = "unknown"  # nothing in the plan: codes of switches such as *72 too


@dataclass(frozen=True, slots=True)
class Placed:
    """A number in the one form in which it is judged and dialled; ``country`` is its code, 0 where it has none."""

    number: str
    kind: NumberKind
    country: int = 0


_HOME: Final = 86
_DIALABLE: Final = re.compile(r"\+?[0-9]{3,20}")
_EMERGENCY: Final = frozenset({"110", "112", "119", "120", "122"})
_PREMIUM: Final = ("160", "168", "1259")
_LOCAL: Final = re.compile(r"[2-8][0-9]{6,7}")
_SHORT: Final = re.compile(r"(?!95)[2-9][0-9]{2,5}")
_KINDS: Final = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED,
    PhoneNumberType.TOLL_FREE: NumberKind.SERVICE,
    PhoneNumberType.SHARED_COST: NumberKind.SERVICE,
    PhoneNumberType.UAN: NumberKind.SERVICE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
}


def place(text: str) -> Placed:
    """The kind of ``text``; no error for what is no number, but ``UNKNOWN``."""
    if _LOCAL.fullmatch(text):
        return Placed(text, NumberKind.LOCAL)
    try:
        number = normalise(text)
    except ParseError:
        return Placed(text, NumberKind.UNKNOWN)
    if not _DIALABLE.fullmatch(number):
        return Placed(text, NumberKind.UNKNOWN)
    if not number.startswith("+"):
        return Placed(number, _kind_of_service(number))
    parsed = phonenumbers.parse(number)
    kind = _KINDS.get(phonenumbers.number_type(parsed), NumberKind.UNKNOWN)
    country = parsed.country_code or 0
    if country != _HOME and kind is not NumberKind.PREMIUM:
        kind = NumberKind.ABROAD
    return Placed(number, kind, country)


def _kind_of_service(number: str) -> NumberKind:
    if number in _EMERGENCY:
        return NumberKind.EMERGENCY
    if number.startswith(_PREMIUM):
        return NumberKind.PREMIUM
    return NumberKind.SHORT if _SHORT.fullmatch(number) else NumberKind.SERVICE
