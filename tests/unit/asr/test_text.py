import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.text import cer, edits, normalise, readable, simplified, spell_out


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "零"), (10, "十"), (11, "十一"), (20, "二十"), (100, "一百"), (105, "一百零五"), (110, "一百一十"),
     (1000, "一千"), (1005, "一千零五"), (2019, "二千零一十九"), (9999, "九千九百九十九")],
)  # fmt: skip
def test_numbers_are_spelled_out(number: int, said: str) -> None:
    assert spell_out(number) == said


def test_too_large_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="between"):
        spell_out(10000)


def test_what_is_said_alike_is_written_alike() -> None:
    assert normalise("2019年，预算20万！") == "二零一九年预算二十万"
    assert normalise("工号 00123") == "工号零零一二三"
    assert normalise("It's  OK, 你好 ABC") == "its ok你好abc"
    assert normalise("相瞭解") == "相了解"


def test_people_read_simplified_characters_and_full_width_marks() -> None:
    assert simplified("預約保養") == "预约保养"
    assert readable("您好,請問? ok, fine") == "您好，请问？ ok, fine"


def test_character_error_rate() -> None:
    assert cer("旧车置换", "旧车置换。") == 0
    assert cer("旧车置换", "旧车制换") == 0.25
    assert cer("", "") == 0
    assert cer("", "喂") == 1
    assert cer("喂", "喂喂喂") == 2


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="一二三", max_size=8), st.text(alphabet="一二三", max_size=8))
def test_edits_are_bounded_by_lengths(one: str, other: str) -> None:
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))
    assert (edits(one, other) == 0) == (one == other)
