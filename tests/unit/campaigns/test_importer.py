"""Lists as spreadsheets write them: what is taken, what is rejected and why, and nothing half-way."""

import csv
import stat
from pathlib import Path

import pytest

from campaigns.columns import guess_columns
from campaigns.facts import ContactsImported
from campaigns.importer import Imported, ListReader, Progress, Reject, import_list
from campaigns.ports import NewContact
from core.bus import MemoryLog
from core.errors import ParseError
from tests.unit.campaigns.doubles import MemoryContacts
from tests.unit.ivr.doubles import Timeline

CHINESE = '序号,客户姓名,手机号,车型,备注\n1,王小明,138 0013 8000,凯美瑞,\n2,李雷,+86-13900139000,卡罗拉,"两行\n备注"\n'


class Desk:
    def __init__(self) -> None:
        time = Timeline()
        self.log = MemoryLog(time.clock)
        self.contacts = MemoryContacts(self.log, time)

    async def take(self, path: Path, campaign: str = "visits", **options: str) -> Imported:
        return await import_list(path, campaign, self.contacts, self.log, **options)  # type: ignore[arg-type]

    def numbers(self, campaign: str = "visits") -> list[str]:
        return [row.number for row in self.contacts.rows.get(campaign, [])]


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path) -> tuple[list[NewContact], list[Reject]]:
    rejects: list[Reject] = []
    return [row for batch in ListReader(path, rejects.append).batches() for row in batch], rejects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    rows, rejects = read(write(tmp_path, CHINESE.replace(",", separator), encoding))
    assert rejects == []
    assert rows == [
        NewContact("+8613800138000", "王小明", 2, {"序号": "1", "车型": "凯美瑞"}),
        NewContact("+8613900139000", "李雷", 3, {"序号": "2", "车型": "卡罗拉", "备注": "两行\n备注"}),
    ]


@pytest.mark.parametrize(
    ("header", "row", "number", "name"),
    [
        ("Name,Mobile Phone", "Wang,13800138000", "+8613800138000", "Wang"),
        ("联系电话,姓名,手机", "02158880000,王,13800138000", "+8613800138000", "王"),  # the mobile goes first
        ("联系电话,姓名,手机", "02158880000,王,", "+862158880000", "王"),  # else the other one
        ("编号,甲,乙", "0001,王,13800138000", "+8613800138000", ""),  # by what is in the column
        ("车主手机（必填）,客户名称", "13800138000,王", "+8613800138000", "王"),
    ],
)
def test_headings_in_both_languages(tmp_path: Path, header: str, row: str, number: str, name: str) -> None:
    rows, rejects = read(write(tmp_path, f"{header}\n{row}\n"))
    assert [(contact.number, contact.name) for contact in rows] == [(number, name)], rejects


def test_list_without_headings(tmp_path: Path) -> None:
    rows, rejects = read(write(tmp_path, "王,13800138000\n李,13900139000\n"))
    assert [(row.number, row.line, row.fields) for row in rows] == [
        ("+8613800138000", 1, {"column1": "王"}),
        ("+8613900139000", 2, {"column1": "李"}),
    ]
    assert rejects == []


def test_marks_of_spreadsheets(tmp_path: Path) -> None:
    text = '手机\n="13800138000"\n\'13800138001\n13800138002.0\n１３８００１３８００３\n1.38001E+10\n'
    rows, rejects = read(write(tmp_path, text))
    assert [row.number for row in rows] == [f"+861380013800{last}" for last in range(4)]
    assert [(reject.line, "表格软件" in reject.reason) for reject in rejects] == [(6, True)]


async def test_rejects_are_named_by_line_and_written_to_a_file(tmp_path: Path) -> None:
    desk = Desk()
    text = "姓名,手机\n甲,13800138000\n\n乙,\n丙,12\n丁,1380013800O\n戊,138-0013-8000\n己,110\n庚,13900139000\n"
    done = await desk.take(write(tmp_path, text))
    assert desk.numbers() == ["+8613800138000", "+8613900139000"]
    assert (done.accepted, done.rejected) == (2, 5)
    target = tmp_path / "list.rejects.csv"
    assert done.rejects_file == target
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["line", "reason", "row"],
        ["4", "没有号码 (no number)", "乙", ""],
        ["5", "号码无效 (not a phone number)", "丙", "12"],
        ["6", "号码无效 (not a phone number)", "丁", "1380013800O"],
        ["7", "与第 2 行重复 (same number as line 2)", "戊", "138-0013-8000"],
        ["8", "短号码不外呼 (a short number is never dialled)", "己", "110"],
    ]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [reject.line for reject in done.first_rejects] == [4, 5, 6, 7, 8]
    assert desk.log.facts(ContactsImported) == [ContactsImported("visits", 2, 5)]


async def test_numbers_that_the_campaign_has_are_rejected_by_line(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path, CHINESE)
    assert await desk.take(path) == Imported(2, 0, None)
    assert not (tmp_path / "list.rejects.csv").exists()
    again = await desk.take(path)
    assert (again.accepted, again.rejected) == (0, 2)
    assert [reject.line for reject in again.first_rejects] == [2, 3]
    assert (await desk.take(path, "other")).accepted == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        ("姓名,车型\n王,凯美瑞\n".encode(), "no column of phone numbers"),
        (b"\xff\x00\x81garbage\xff", "neither UTF-8 nor GB18030"),
        (b"phone," + b"x," * 300 + b"\n13800138000\n", "more than 200 columns"),
        ("手机\n13800138000\n\"" .encode() + b"x" * 200_000, "line 3: field larger than field limit"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_read_takes_nothing_in(tmp_path: Path, data: bytes, message: str) -> None:
    desk = Desk()
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(ParseError, match=message):
        await desk.take(path)
    assert desk.numbers() == []
    assert desk.log.events == []


async def test_named_column(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path, "手机,备用\n13800138000,13900139000\n")
    await desk.take(path, number_heading="备用")
    assert desk.numbers() == ["+8613900139000"]
    with pytest.raises(ParseError, match="'没有'; there are: 手机, 备用"):
        await desk.take(path, "other", number_heading="没有")


def test_progress_and_batches_of_a_long_list(tmp_path: Path) -> None:
    path = write(tmp_path, "phone\n" + "".join(f"139001{index:05}\n" for index in range(3_000)))
    seen: list[Progress] = []
    batches = ListReader(path, lambda _: None, progress=seen.append).batches()
    first = next(batches)
    assert len(first) == 500
    assert seen[0].rows == 500  # told before the next rows are read
    assert sum(map(len, batches)) == 2_500
    assert [progress.rows for progress in seen] == [500, 1000, 1500, 2000, 2500, 3000, 3000]
    assert seen[-1].read_bytes == seen[-1].total_bytes == path.stat().st_size
    positions = [progress.read_bytes for progress in seen]
    assert positions == sorted(positions)


def test_the_heading_wins_over_digits_in_other_columns() -> None:
    columns = guess_columns(["订单号", "客户手机"], [["13800138000", "13900139000"]])
    assert columns.numbers == (1,)
