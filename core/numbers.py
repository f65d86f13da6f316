"""Phone numbers: read what people and carriers write, keep one form (E.164), show it masked.

The library ``phonenumbers`` (Google's libphonenumber data) knows the numbering plan; service numbers such as 400 lines,
95xxx and short codes are kept as they are, because they have no E.164 form that a Chinese carrier routes.

The library takes some 50 µs for a number; Chinese mobiles and fixed lines in their usual forms are matched against the
library's own patterns instead (1 µs), which is the same by its test over random numbers.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

import phonenumbers

from core.errors import ParseError
from core.typed import plain

_SERVICE: Final = re.compile(r"(?:400\d{7}|800\d{7}|95\d{3,6}|1\d{2,4}|[2-9]\d{2,5})")
_SEPARATORS: Final = re.compile(r"[\s\-()（）./]")  # people type full-width brackets
_PAID_BY_US: Final = re.compile(r"[48]00\d{7}")
_CHINA: Final = "+86"
_NEVER: Final = "(?!)"


class Kind(StrEnum):
    """What sort of line a number is of."""

    MOBILE = "mobile"  # a Chinese mobile
    FIXED = "fixed"  # a Chinese line with its area code
    SERVICE = "service"  # 400, 800
    SHORT = "short"  # 110, 95555, numbers of the house
    FOREIGN = "foreign"


_MOBILE_LENGTH: Final = len("+8613800138000")


def normalise(text: str, region: str = "CN") -> str:
    """``text`` as the house keeps it: ``+8613800138000``, ``4008001234``, ``95555`` or an internal short number.

    Raises ``ParseError`` for what cannot be a number of ``region`` or abroad.
    """
    if not text.isascii():
        text = plain(text)
    bare = text if text.isdigit() else _SEPARATORS.sub("", text.strip())
    if region == "CN" and bare.isascii() and (known := _usual_form(bare)):
        return known
    if _SERVICE.fullmatch(bare):
        return bare
    try:
        parsed = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        raise ParseError(f"not a phone number: {mask(text)!r}") from None
    if not phonenumbers.is_valid_number(parsed):
        raise ParseError(f"no such number in the numbering plan: {mask(text)!r}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def mobile_in(text: str) -> str:
    """``normalise`` for what most cells of lists hold: the eleven digits of a Chinese mobile. "" for anything else."""
    return _CHINA + text if _patterns()[0].fullmatch(text) else ""


def is_mobile(number: str) -> bool:
    """True for a Chinese mobile in the house's form: no other number there has eleven digits and begins with 1."""
    return len(number) == _MOBILE_LENGTH and number.startswith("+861")


def kind_of(number: str) -> Kind:
    """The kind of a number in the house's form (as ``normalise`` gives it)."""
    return Kind.MOBILE if is_mobile(number) else _kind_of_other(number)


@lru_cache(maxsize=1024)
def _kind_of_other(number: str) -> Kind:
    if _is_foreign(number):
        return Kind.FOREIGN
    bare = number.removeprefix(_CHINA)
    if _PAID_BY_US.fullmatch(bare):
        return Kind.SERVICE
    return Kind.SHORT if _SERVICE.fullmatch(bare) else Kind.FIXED


def identifying(numbers: Sequence[str]) -> Sequence[str]:
    """Those of a person's numbers that are his alone: the mobiles (and numbers abroad, of which we cannot tell). A
    fixed line is shared by a family or an office, so it counts only where there is nothing else.
    """
    if len(numbers) == 1:
        return numbers
    own = [number for number in numbers if is_mobile(number) or _is_foreign(number)]
    return own or numbers


def _is_foreign(number: str) -> bool:
    return number.startswith("+") and not number.startswith(_CHINA)


def customer_number(direction: str, ani: str, dnis: str) -> str:
    """The outside party's number of a call: whom we called, or who called us."""
    return dnis if direction == "outbound" else ani


def one_form(text: str) -> str:
    """``normalise``, but what is no number (anonymous, the name of an account) stays as it came."""
    try:
        return normalise(text)
    except ParseError:
        return text


def national(number: str, region: str = "CN") -> str:
    """``number`` as it is dialled within ``region``: +8613800138000 is 13800138000, +862112345678 is 02112345678.

    Numbers abroad, service numbers and short numbers come back as they are.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number  # without a country: it is no E.164
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        return number
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(digit for digit in dialled if digit.isdigit())


def _usual_form(bare: str) -> str:
    """E.164 of a Chinese mobile (138…, +86138…) or fixed line (021…, +8621…); "" for what the library must judge."""
    mobile, fixed = _patterns()
    if bare[:1] == "0":
        return _CHINA + bare[1:] if fixed.fullmatch(bare, 1) else ""
    national = bare.removeprefix(_CHINA)
    if mobile.fullmatch(national) or (national != bare and fixed.fullmatch(national)):
        return _CHINA + national
    return ""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The library's patterns of Chinese mobiles and fixed lines."""
    known = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    described = (known.mobile, known.fixed_line) if known is not None else (None, None)
    texts = [each.national_number_pattern if each is not None else None for each in described]
    mobile, fixed = (re.compile(text or _NEVER, re.ASCII) for text in texts)
    return mobile, fixed


def mask(number: str) -> str:
    """``+8613800138000`` → ``+86138****8000``: enough to tell two callers apart, not enough to call them."""
    if len(number) < 7:
        return number
    keep_end = 4
    keep_start = len(number) - keep_end - 4
    return f"{number[:keep_start]}****{number[-keep_end:]}"
