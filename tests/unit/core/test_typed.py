"""What is typed by a Chinese input method."""

import pytest

from core.numbers import normalise
from core.typed import number_typed, plain


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("１０", 10), (" 10　", 10), ("９，０００", 9000), ("12,345,678", 12345678), ("－５", -5), ("−5", -5),
        ("１．５", 1.5), ("１。５", 1.5), ("0", 0),
    ],
)  # fmt: skip
def test_a_number(text: str, meant: float) -> None:
    assert number_typed(text) == meant
    assert type(number_typed(text)) is type(meant)


@pytest.mark.parametrize("value", ["", "十", "1,00", "1 2", "5.", "²x", "1e5", "9" * 400, 7, 1.5, True, None, ["１"]])
def test_what_is_none_stays(value: object) -> None:
    assert number_typed(value) is value


def test_plain() -> None:
    assert plain("　０９：００－１２：００ ") == "09:00-12:00"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("４００８００１２３４", "4008001234"),
        ("１３８－００１３－８０００", "+8613800138000"),
        ("＋８６１３８００１３８０００", "+8613800138000"),
    ],
)  # fmt: skip
def test_a_phone_number(text: str, number: str) -> None:
    assert normalise(text) == number
