"""Numbers in the house's form: the quick way says what the library says, and each kind is known."""

import random

import phonenumbers
import pytest

from core import numbers
from core.errors import ParseError
from core.numbers import Kind, identifying, is_mobile, kind_of, mobile_in, normalise

AREAS = ("10", "21", "22", "755", "571", "28", "731", "991", "3", "851", "433", "898", "8", "2", "9")


def by_the_library(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def made_up(chance: random.Random) -> str:
    """Mostly near to what is in lists: mobiles of every beginning, fixed lines of every length, with what is before."""
    digits = "".join(chance.choices("0123456789", k=12))
    if chance.random() < 0.6:
        bare = f"1{digits[: chance.choice((10, 10, 10, 10, 9, 11))]}"
        return chance.choice(("", "", "+86", "0")) + bare
    line = chance.choice(AREAS) + digits[: chance.choice((6, 7, 8, 8, 8, 9))]
    return chance.choice(("0", "0", "+86", "+860", "")) + line


def test_the_quick_way_is_the_library_s() -> None:
    chance = random.Random(86)
    quick = 0
    for _ in range(4000):
        text = made_up(chance)
        if known := numbers._usual_form(text):
            quick += 1
            assert known == by_the_library(text), text
    assert quick > 600


def test_mobiles_are_known_by_their_length_and_beginning() -> None:
    chance = random.Random(11)
    mobiles = 0
    for start in range(10_000, 20_000):
        text = f"{start}{chance.randrange(1_000_000):06}"
        known = mobile_in(text)
        assert known == by_the_library(text), text
        if known:
            mobiles += 1
            assert is_mobile(known)
            kind = phonenumbers.number_type(phonenumbers.parse(known))
            assert kind is phonenumbers.PhoneNumberType.MOBILE, "no other line has eleven digits that begin with 1"
    assert mobiles > 4000


def test_no_other_number_is_taken_for_a_mobile() -> None:
    chance = random.Random(12)
    others = 0
    for _ in range(4000):
        text = made_up(chance)
        if (number := by_the_library(text)) and not mobile_in(text.removeprefix("+86")):
            kind = phonenumbers.number_type(phonenumbers.parse(number))
            assert is_mobile(number) == (kind is phonenumbers.PhoneNumberType.MOBILE), text
            assert (kind_of(number) is Kind.MOBILE) == is_mobile(number)
            others += 1
        if not text.isdigit() or len(text) != 11:
            assert mobile_in(text) == "", text
    assert others > 200


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("138-0013-8000", "+8613800138000", Kind.MOBILE),
        ("+86 138 0013 8000", "+8613800138000", Kind.MOBILE),
        ("0086 13800138000", "+8613800138000", Kind.MOBILE),
        ("１３８００１３８０００", "+8613800138000", Kind.MOBILE),
        ("17012345678", "+8617012345678", Kind.MOBILE),  # a virtual operator's
        ("(021) 5888 0000", "+862158880000", Kind.FIXED),
        ("0755-86013388", "+8675586013388", Kind.FIXED),
        ("400-800-1234", "4008001234", Kind.SERVICE),
        ("8008100000", "8008100000", Kind.SERVICE),
        ("95555", "95555", Kind.SHORT),
        ("110", "110", Kind.SHORT),
        ("00852 2123 4567", "+85221234567", Kind.FOREIGN),
    ],
)
def test_forms_and_kinds(text: str, number: str, kind: Kind) -> None:
    assert normalise(text) == number
    assert kind_of(number) is kind


@pytest.mark.parametrize("text", ["", "12", "1380013800O", "12345678901", "1380013800", "+86", "张三"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ParseError):
        normalise(text)


def test_mobiles_say_who_somebody_is_and_fixed_lines_only_alone() -> None:
    assert identifying(["+862158880000", "+8613800138000"]) == ["+8613800138000"]
    assert identifying(["+862158880000", "4008001234"]) == ["+862158880000", "4008001234"]
