"""Rows of a list as consents."""

from zoneinfo import ZoneInfo

import pytest

from campaigns.consent_sheet import ConsentColumns, ConsentReader
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.values import Purpose
from core.errors import ParseError

NOW = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai
HEADINGS = ("姓名", "手机号", "同意日期", "方式", "凭证", "用途")


def reader(headings: tuple[str, ...] = HEADINGS) -> ConsentReader:
    return ConsentReader(ConsentColumns.of(headings), Purpose.PROMOTION, ZoneInfo("Asia/Shanghai"), NOW, "boss")


@pytest.mark.parametrize(
    ("written", "given_at"),
    [
        ("2026-06-01", NOW - 43_200),
        ("2026/6/1", NOW - 43_200),
        ("2026年6月1日", NOW - 43_200),
        ("20260601", NOW - 43_200),
        ("2026-06-01 11:30", NOW - 1800),
        ("2026-06-01T11:30:05", NOW - 1795),
    ],
)
def test_a_row_is_a_consent(written: str, given_at: float) -> None:
    cells = ("王先生", "138 0013 8000", written, "书面", " 合同 7，档案柜 3 ", "服务")
    wanted = ConsentGiven("+8613800138000", "service", "written", "合同 7，档案柜 3", given_at, "boss")
    assert reader().read(cells) == wanted


def test_without_a_purpose_it_is_the_one_of_the_list() -> None:
    found = reader(("Phone", "Date", "How", "Evidence")).read(("021-55550100", "2026-05-01", "Online", "form 7"))
    assert (found.number, found.purpose, found.how) == ("+862155550100", "promotion", "online")


@pytest.mark.parametrize(
    ("place", "written", "said"),
    [
        (1, "", "no number"),
        (1, "1380013800", "10 digits"),
        (1, "1.38E+10", "shortened"),
        (1, "13800138000 / 13900139000", "one number"),
        (2, "", "no given_at"),
        (2, "2026-02-30", "not a time"),
        (2, "昨天", "not a time"),
        (2, "2026-06-02", "in the future"),
        (2, "1901-01-01", "too long ago"),
        (3, "", "how is"),
        (3, "梦里", "how is"),
        (4, " ", "no evidence"),
        (4, "长" * 301, "longer than 300"),
        (4, "z", "too short"),
        (3, "口头", "recording"),
        (5, "随便", "purpose is"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(place: int, written: str, said: str) -> None:
    cells = ["王先生", "13800138000", "2026-05-01", "书面", "合同 7，档案柜 3", "推广"]
    cells[place] = written
    with pytest.raises(ParseError, match=said):
        reader().read(cells)


def test_columns_that_are_missing_are_named() -> None:
    with pytest.raises(ParseError, match=r"方式|同意方式 \(how\); 同意凭证 \(evidence\)"):
        ConsentColumns.of(("手机号", "同意日期"))
    with pytest.raises(ParseError, match="no column of phone numbers"):
        ConsentColumns.of(("谁", "同意日期", "方式", "凭证"))
    assert ConsentColumns.of(("谁", "同意日期", "方式", "凭证"), "谁").number == 0
