"""Yes and no, and the place in a list, as callers say them."""

import pytest

from asr.agreement import yes_no
from asr.places import place


@pytest.mark.parametrize(
    "said",
    ["是的", "是", "对", "对的。", "对啊", "有", "有的", "嗯，有", "嗯嗯", "嗯，对", "可以的", "没问题", "没错",
     "有，打过", "是的，他们给我打过电话", "好像有", "应该是的", "当然", "都有", "需要", "好的",
     "行吧", "是啊，有", "是的，没有问题",
     "使得", "對", "我有"],
)  # fmt: skip
def test_yes(said: str) -> None:
    assert yes_no(said) is True


@pytest.mark.parametrize(
    "said",
    ["不是", "没有", "没有啊", "不对", "没", "还没有", "不用了", "不需要", "对，没有", "没有，对", "是没有讲", "没打过",
     "好像没有", "不太需要", "他们没有讲", "不是的", "从来没有", "您好，没有", "没有讲", "不要", "沒有"],
)  # fmt: skip
def test_no(said: str) -> None:
    assert yes_no(said) is False


@pytest.mark.parametrize(
    "said",
    ["", "嗯", "不知道", "不清楚", "我不记得了", "是不是", "有没有", "对不起，没听清", "你说什么", "不是，有的",
     "喂，你好", "讲了", "今天天气怎么样", "再说一遍", "三分", "有吗", "不错"],
)  # fmt: skip
def test_neither(said: str) -> None:
    assert yes_no(said) is None


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("第二个", 2), ("选第三项吧", 3), ("最后一个", 4), ("我选第二个", 2), ("第2个", 2), ("第二", 2),
        ("第二种。", 2),
        ("第一次", None), ("第五个", None), ("不要第二个", None), ("第一个和第二个", None), ("二", None), ("", None),
        ("第十一个", None),
    ],
)  # fmt: skip
def test_place_in_a_list(said: str, at: int | None) -> None:
    assert place(said, 4) == at
    assert place("第十一个", 12) == 11
