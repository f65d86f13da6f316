import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.numbers import score
from asr.text import spell_out


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("八分吧", 8), ("八分吧。", 8), ("十分，服务态度非常好", 10), ("十分服务态度非常好", 10), ("打个九分", 9),
        ("三分", 3), ("8分", 8), ("8", 8), ("十", 10), ("嗯，八吧", 8), ("我打三分，等得太久了", 3), ("给你们九分", 9),
        ("零分", 0), ("0", 0), ("两分", 2), ("10分", 10), ("満分，十分", 10), ("满分", 10), ("满分十分我打八分", 8),
        ("八分，不对，九分", 9), ("我十分满意，给十分", 10), ("四十分钟，我打三分", 3), ("八神吧", 8), ("巴绳吧", 8),
        ("幺", 1), ("兩分", 2),
    ],
)  # fmt: skip
def test_a_score_is_understood(said: str, value: int) -> None:
    assert score(said) == value


@pytest.mark.parametrize(
    "said",
    ["", "十分满意", "十分不满意", "一般吧", "等了四十分钟", "第一次", "第八分", "三万公里", "一百分", "100分",
     "十一分", "85分", "七八分", "八分或者九分", "九点五分", "3.5分", "您好", "两个小时", "我不知道", "三十"],
)  # fmt: skip
def test_what_is_no_clear_score_is_refused(said: str) -> None:
    assert score(said) is None


def test_the_range_is_kept() -> None:
    assert score("五分", 1, 5) == 5
    assert score("六分", 1, 5) is None
    assert score("零", 1, 5) is None
    assert score("85分", 0, 100) == 85


@pytest.mark.parametrize("value", range(11))
def test_every_score_in_every_way(value: int) -> None:
    for pattern in ("{}分", "{}", "我打{}分", "给{}分吧", "{}分，谢谢"):
        assert score(pattern.format(spell_out(value))) == value
        assert score(pattern.format(value)) == value


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="零一二三四五六七八九十百0123456789分打给不对点第钟，。吧 满意", max_size=14))
def test_it_never_leaves_the_range(said: str) -> None:
    value = score(said, 0, 10)
    assert value is None or 0 <= value <= 10
