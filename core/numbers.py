"""Phone numbers: read what people and carriers write, keep one form (E.164), show it masked.

The library ``phonenumbers`` (Google's libphonenumber data) knows the numbering plan; service numbers such as 400 lines,
95xxx and short codes are kept as they are, because they have no E.164 form that a Chinese carrier routes.
"""

import re
from typing import Final

import phonenumbers

from core.errors import ParseError

_SERVICE: Final = re.compile(r"(?:400\d{7}|800\d{7}|95\d{3,6}|1\d{2,4}|[2-9]\d{2,5})")
_SEPARATORS: Final = re.compile(r"[\s\-()（）./]")  # people type full-width brackets


def normalise(text: str, region: str = "CN") -> str:
    """``text`` as the house keeps it: ``+8613800138000``, ``4008001234``, ``95555`` or an internal short number.

    Raises ``ParseError`` for what cannot be a number of ``region`` or abroad.
    """
    bare = _SEPARATORS.sub("", text.strip())
    if _SERVICE.fullmatch(bare):
        return bare
    try:
        parsed = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        raise ParseError(f"not a phone number: {mask(text)!r}") from None
    if not phonenumbers.is_valid_number(parsed):
        raise ParseError(f"no such number in the numbering plan: {mask(text)!r}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


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


def mask(number: str) -> str:
    """``+8613800138000`` → ``+86138****8000``: enough to tell two callers apart, not enough to call them."""
    if len(number) < 7:
        return number
    keep_end = 4
    keep_start = len(number) - keep_end - 4
    return f"{number[:keep_start]}****{number[-keep_end:]}"
