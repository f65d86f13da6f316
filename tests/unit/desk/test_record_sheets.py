"""Rows of spreadsheets as they come, and what they become."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import ParseError
from desk.record_sheets import KINDS, columns_of
from desk.records import Complaint, Ownership, Sale, Vehicle, Visit

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
VIN = "LSVAA49J132012345"


def read(of: str, **cells: str) -> object:
    return KINDS[of].read({field: cells.get(field, "") for field in KINDS[of].fields}, NOW)


def test_columns_by_the_usual_headings() -> None:
    found = columns_of(KINDS["ownerships"], ["车牌号码", "手机号码", "车系", "购车日期", "备注", "姓名"])
    assert found == {"plate": 0, "number": 1, "model": 2, "since": 3, "name": 5}
    assert columns_of(KINDS["visits"], ["VIN", "Day", "Mileage"]) == {"vin": 0, "day": 1, "km": 2}
    with pytest.raises(ParseError, match=r"车架号 \(vin\)"):
        columns_of(KINDS["visits"], ["日期", "里程"])
    with pytest.raises(ParseError, match=r"手机号 \(number\).*车型 \(model\)"):
        columns_of(KINDS["ownerships"], ["车牌", "购车日期"])


def test_an_ownership_with_its_car() -> None:
    row = {"number": "138 0013 8000", "name": " 王 先生 ", "vin": VIN.lower(), "plate": "沪A·12345", "model": "轩逸",
           "segment": "紧凑型", "plated": "2019/3/5", "since": "2020年3月5日", "km_since": "12,000"}  # fmt: skip
    assert read("ownerships", **row) == Ownership(
        Vehicle(VIN, "沪A12345", "轩逸", "紧凑型", "2019-03-05"),
        "+8613800138000",
        "王 先生",
        "2020-03-05",
        km_since=12000,
    )


@pytest.mark.parametrize(("why", "replaced"), [("", True), ("置换", True), ("失联", False), ("LOST", False)])
def test_who_was_lost_from_sight_has_not_replaced(why: str, replaced: bool) -> None:
    cells = {"number": "13800138000", "plate": "沪A12345", "model": "轩逸", "since": "20200305", "ended": why}
    row = read("ownerships", **cells, until="2026-01-02 08:00")
    assert isinstance(row, Ownership)
    assert (row.until, row.replaced) == ("2026-01-02", replaced)


def test_the_other_kinds() -> None:
    assert read("visits", plate="沪A12345", day="2026-01-02", kind="保养", km="61234.0") == Visit(
        "沪A12345", "2026-01-02", "保养", 61234
    )
    assert read("sales", vin=VIN, number="13800138000", day="2020-03-05", price="129800") == Sale(
        VIN, "+8613800138000", "2020-03-05", 129800
    )
    assert read("complaints", number="13800138000", day="2026-11-01", text="异响", department="售后") == Complaint(
        "+8613800138000", "2026-11-01", "异响", "售后"
    )


@pytest.mark.parametrize(
    ("kind", "cells", "said"),
    [
        ("ownerships", {"plate": "沪A1", "model": "轩逸", "since": "2020-01-01"}, "no number"),
        (
            "ownerships",
            {"number": "abc", "plate": "沪A1", "model": "轩逸", "since": "2020-01-01"},
            "not a phone number",
        ),
        ("ownerships", {"number": "13800138000", "model": "轩逸", "since": "2020-01-01"}, "neither VIN nor plate"),
        ("ownerships", {"number": "13800138000", "vin": "123", "model": "轩逸", "since": "2020-01-01"}, "17 signs"),
        ("ownerships", {"number": "13800138000", "plate": "沪A1", "since": "2020-01-01"}, "no model"),
        ("ownerships", {"number": "13800138000", "plate": "沪A1", "model": "轩逸"}, "no since"),
        (
            "ownerships",
            {"number": "13800138000", "plate": "沪A1", "model": "轩逸", "since": "2020-01-01", "until": "2019-01-01"},
            "before it was got",
        ),
        ("visits", {"plate": "沪A1", "day": "2026-02-30"}, "not a day"),
        ("visits", {"plate": "沪A1", "day": "2026112"}, "not a day"),
        ("visits", {"plate": "沪A1", "day": "2026-11-23"}, "in the future"),
        ("visits", {"plate": "沪A1", "day": "2026-11-22", "km": "1e400"}, "not a number"),
        ("visits", {"plate": "沪A1", "day": "2026-11-22", "km": "nan"}, "not a number"),
        ("visits", {"plate": "沪A1" * 5, "day": "2026-11-22"}, "too long"),
        ("complaints", {"number": "13800138000", "day": "2026-11-22", "text": "长" * 501}, "longer than 500"),
        (
            "complaints",
            {"number": "13800138000", "day": "2026-11-20", "closed": "2026-11-10", "text": "噪音"},
            "closed before it was made",
        ),
    ],
)
def test_what_is_wrong_is_said(kind: str, cells: dict[str, str], said: str) -> None:
    with pytest.raises(ParseError, match=said):
        read(kind, **cells)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-21 23:30", "2026-11-21"),
        ("2026-11-20T18:00:00Z", "2026-11-21"),
        ("2026-11-21T18:00:00.5Z", "2026-11-22"),
        ("2026-11-21T01:00:00+09:00", "2026-11-21"),
        ("2026-11-21T00:30:00+0900", "2026-11-20"),
        ("2026/1/2 0:00:00", "2026-01-02"),
        ("2026年11月2日", "2026-11-02"),
        ("20261102", "2026-11-02"),
    ],
)
def test_a_moment_is_the_day_that_it_is_here(written: str, day: str) -> None:
    visit = read("visits", plate="沪A1", day=written)
    assert isinstance(visit, Visit) and visit.day == day


@pytest.mark.parametrize(
    "written", ["2026-11-21 25:99", "2026-11-21 hello", "2026-11-21T24:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(ParseError, match=r"not a day|too long ago"):
        read("visits", plate="沪A1", day=written)
