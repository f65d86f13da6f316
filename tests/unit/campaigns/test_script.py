"""What an agent reads: headings, points and paragraphs, with what the list says of the contact."""

import pytest

from campaigns.script import LONGEST, Part, PartKind, parts_of, script_fault

TEXT = """
# 开场
您好，请问是{name}吗？
我是{品牌}客服中心的。

- 不方便：约时间
* 拒绝：记下原因

您的 {车型} 已经保养过了吗？{没有这一列}
"""


def test_headings_points_and_paragraphs() -> None:
    parts = parts_of(TEXT, {"name": "王先生", "车型": "轩逸", "品牌": ""})
    assert parts == (
        Part(PartKind.HEADING, "开场"),
        Part(PartKind.PARAGRAPH, "您好，请问是王先生吗？\n我是客服中心的。"),
        Part(PartKind.POINT, "不方便：约时间"),
        Part(PartKind.POINT, "拒绝：记下原因"),
        Part(PartKind.PARAGRAPH, "您的 轩逸 已经保养过了吗？{没有这一列}"),
    )
    assert parts_of("", {}) == parts_of(" \n #\n", {}) == ()


def test_what_stands_in_a_column_is_not_filled_again() -> None:
    assert parts_of("{a}", {"a": "{b}", "b": "x"}) == (Part(PartKind.PARAGRAPH, "{b}"),)


@pytest.mark.parametrize("text", ["", "好" * LONGEST, "一\n\t二\r\n"])
def test_what_may_be_written(text: str) -> None:
    assert script_fault(text) is None


@pytest.mark.parametrize("value", ["好" * (LONGEST + 1), "a\0b", "a\x1b[2J", 5])
def test_what_may_not(value: object) -> None:
    assert script_fault(value) is not None
