"""How many: numbers as callers say them and as recognisers write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.quantities import cardinal, quantity
from asr.text import spell_out


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("三万五千公里", 35000), ("三万五", 35000), ("3.5万公里", 35000), ("3万5千公里", 35000), ("3万5", 35000),
        ("35000公里", 35000), ("35,000公里", 35000), ("三点五万", 35000), ("三五零零零", 35000), ("3 5 0 0 0", 35000),
        ("大概三万公里吧", 30000), ("三万多公里", 30000), ("車跑了三萬公里了。", 30000), ("两千", 2000),
        ("一百五", 150),
        ("八千公里左右", 8000), ("一万二千三百", 12300), ("十二万", 120000), ("开了两年，三万公里", 30000),
        ("三万，不对，四万公里", 40000), ("六十二", 62), ("零", 0), ("一共三万公里", 30000), ("一万零五百", 10500),
        ("一千零一", 1001), ("十万", 100000), ("第一年跑了三万公里", 30000),
    ],
)  # fmt: skip
def test_kilometres(said: str, value: int) -> None:
    assert quantity(said, 0, 500_000, "公里") == value


@pytest.mark.parametrize(
    "said",
    ["", "三四万公里", "十几万", "几千公里", "第一次", "二零一九年买的", "两个小时", "一般般", "不知道", "三外五千",
     "百分之二十", "三万公里半", "六十万公里", "三万或者四万公里", "十分满意", "一直没看", "你好"],
)  # fmt: skip
def test_what_is_no_clear_number_of_kilometres_is_refused(said: str) -> None:
    assert quantity(said, 0, 500_000, "公里") is None


@pytest.mark.parametrize(
    ("said", "value"),
    [("三次", 3), ("去过三次", 3), ("3回", 3), ("去年去过三趟", 3), ("一次也没有", 0), ("一次都没去过", 0),
     ("十几次", None), ("两三次", None), ("两个小时", None), ("第一次", None), ("五", 5), ("一百次", None)],
)  # fmt: skip
def test_how_often(said: str, value: int | None) -> None:
    assert quantity(said, 0, 50, "次") == value


def test_the_range_is_kept() -> None:
    assert quantity("一次也没有", 1, 50, "次") is None
    assert quantity("三百", 1, 200) is None
    assert quantity("两个", 1, 5) == 2, "without a unit what is counted does not matter"


@pytest.mark.parametrize("number", [*range(0, 2000, 7), *range(2000, 10_000, 113)])
def test_every_number_as_it_is_spelled_out(number: int) -> None:
    assert cardinal(spell_out(number)) == number
    assert cardinal(str(number)) == number
    said = f"{spell_out(37)}万{'零' if 0 < number < 1000 else ''}{spell_out(number) if number else ''}"
    assert cardinal(said) == 370_000 + number


@pytest.mark.parametrize("numeral", ["万", "三四", "千三", "一万万", "二百三千", "点五", "十十", "三点", "万三", "百"])
def test_what_is_no_number(numeral: str) -> None:
    assert cardinal(numeral) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="零一二两三五九十百千万几点半多0359.,公里次第年不对没也，。 ", max_size=14))
def test_it_never_leaves_the_range(said: str) -> None:
    value = quantity(said, 10, 5000, "公里")
    assert value is None or 10 <= value <= 5000
