"""Lists in XLSX: what a spreadsheet keeps as numbers and dates, sheets, and files that are none."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from campaigns import xlsx_file
from campaigns.list_file import GUESS, Wanted, open_list
from campaigns.list_reader import ListReader
from campaigns.ports import NewContact
from campaigns.rejects import Reject
from core.errors import ParseError


def workbook(folder: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def read(path: Path, wanted: Wanted = GUESS) -> tuple[list[NewContact], list[Reject]]:
    rejects: list[Reject] = []
    file = open_list(path, wanted)
    reader = ListReader(file, rejects.append, where=path.name, wanted=wanted)
    return [row for batch in reader.batches() for row in batch], rejects


def test_numbers_and_dates_come_out_as_people_read_them(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["姓名", "手机号", "购车日期", "里程", "预约", "会员"],
        ["王", 13800138000, date(2020, 5, 1), 35_000.5, datetime(2026, 11, 30, 14, 30), True],
        ["李", 13900139000.0, None, 42_000.0],
        [],
        ["赵", "138 0013", None, None],
    ]
    found, rejects = read(workbook(tmp_path, ("名单", rows), ("别的", [["x"]])))
    assert found == [
        NewContact(
            "+8613800138000",
            "王",
            2,
            {"购车日期": "2020-05-01", "里程": "35000.5", "预约": "2026-11-30 14:30", "会员": "True"},
        ),
        NewContact("+8613900139000", "李", 3, {"里程": "42000"}),
    ]
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (5, "号码 7 位，手机号应为 11 位 (7 digits; a mobile number has 11)")
    ]


def test_the_sheet_that_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("说明", [["请看下一页"]]), ("客户", [["电话"], ["13800138000"]]))
    assert open_list(path, GUESS).sheets == ("说明", "客户")
    with pytest.raises(ParseError, match="no column of phone numbers"):
        read(path)
    found, _ = read(path, Wanted(sheet="客户"))
    assert [row.number for row in found] == ["+8613800138000"]
    with pytest.raises(ParseError, match="no sheet '其他'; there are: 说明, 客户"):
        open_list(path, Wanted(sheet="其他"))


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("名单", [["电话"], *([f"138{number:08}"] for number in range(50))]))
    rows = list(open_list(path, GUESS).rows())
    assert rows[-1].read_bytes == path.stat().st_size
    assert [row.read_bytes for row in rows] == sorted(row.read_bytes for row in rows)


def test_what_is_no_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    with pytest.raises(ParseError, match=r"old \.xls, or a workbook with a password"):
        open_list(path, GUESS)
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ParseError, match="damaged workbook"):
        open_list(path, GUESS)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("hello.txt", "no sheets here")
    with pytest.raises(ParseError, match="no workbook that can be read"):
        open_list(path, GUESS)
    good = workbook(tmp_path, ("名单", [["电话"], ["13800138000"]]))
    monkeypatch.setattr(xlsx_file, "_UNPACKED_MOST", 1000)
    with pytest.raises(ParseError, match="too large once unpacked"):
        open_list(good, GUESS)
