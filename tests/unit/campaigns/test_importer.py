"""Lists as spreadsheets write them: what is taken, what is rejected and why, and nothing half-way."""

import csv
import random
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import columns
from campaigns.columns import Cleaned, clean, guess_columns
from campaigns.facts import ContactsImported
from campaigns.flaws import Flaw, flaw_of, numbers_in
from campaigns.importer import Imported, check_list, import_list
from campaigns.list_file import GUESS, Wanted, open_list
from campaigns.list_reader import ListReader, Progress
from campaigns.list_rows import BATCH
from campaigns.ports import NewContact
from campaigns.rejects import Reject
from core.bus import MemoryLog
from core.errors import ParseError
from core.numbers import normalise
from tests.unit.campaigns.doubles import MemoryContacts
from tests.unit.ivr.doubles import Timeline

CHINESE = '序号,客户姓名,手机号,车型,备注\n1,王小明,138 0013 8000,凯美瑞,\n2,李雷,+86-13900139000,卡罗拉,"两行\n备注"\n'


class Desk:
    def __init__(self) -> None:
        time = Timeline()
        self.log = MemoryLog(time.clock)
        self.contacts = MemoryContacts(self.log, time)

    async def take(self, path: Path, campaign: str = "visits", **options: object) -> Imported:
        return await import_list(path, campaign, self.contacts, self.log, **options)  # type: ignore[arg-type]

    def numbers(self, campaign: str = "visits") -> list[str]:
        return [row.number for row in self.contacts.rows.get(campaign, [])]


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def read(path: Path, wanted: Wanted = GUESS) -> tuple[list[NewContact], list[Reject]]:
    rejects: list[Reject] = []
    file = open_list(path, wanted)
    reader = ListReader(file, rejects.append, where=path.name, wanted=wanted)
    return [row for batch in reader.batches() for row in batch], rejects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
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
        ["行号 line", "未导入原因 reason", "姓名", "手机"],
        ["4", "没有号码 (no number)", "乙", ""],
        ["5", "号码无效 (not a phone number)", "丙", "12"],
        ["6", "号码无效 (not a phone number)", "丁", "1380013800O"],
        ["7", "与第 2 行重复 (same person as line 2)", "戊", "138-0013-8000"],
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
    ("text", "encoding"),
    [
        ('车型;姓名;手机\n"凯美瑞; 双擎";甲;13800138000\n"卡罗拉; 双擎";乙;wrong\n', "gb18030"),
        ('姓名\t手机\t车型\n甲\t13800138000\t凯美瑞\n乙\twrong\t"卡罗拉; 双擎"\n', "utf-16"),
    ],
)
async def test_mended_rejects_are_taken_in_as_they_are(tmp_path: Path, text: str, encoding: str) -> None:
    desk = Desk()
    rejects = (await desk.take(write(tmp_path, text, encoding))).rejects_file
    assert rejects is not None
    still_wrong = (await desk.take(rejects)).rejects_file
    assert still_wrong == tmp_path / "list.rejects.rejects.csv"
    assert still_wrong.read_text("utf-8-sig").count("未导入原因") == 1, "its own columns are not repeated"
    mended = write(tmp_path, still_wrong.read_text("utf-8-sig").replace("wrong", "13900139000"), name="mended.csv")
    rows, left = read(mended)
    assert left == []
    assert [(row.number, row.name, row.fields) for row in rows] == [
        ("+8613900139000", "乙", {"车型": "卡罗拉; 双擎"}),
    ]
    assert (await desk.take(mended)).accepted == 1


async def test_rejects_of_a_list_without_headings_get_some(tmp_path: Path) -> None:
    desk = Desk()
    rejects = (await desk.take(write(tmp_path, "甲,13800138000\n乙,wrong\n"))).rejects_file
    assert rejects is not None
    assert rejects.read_text("utf-8-sig").splitlines()[0] == "行号 line,未导入原因 reason,column1,手机号"
    rows, left = read(write(tmp_path, rejects.read_text("utf-8-sig").replace("wrong", "13900139000")))
    assert [(row.number, row.fields) for row in rows] == [("+8613900139000", {"column1": "乙"})], left


async def test_rows_that_the_campaign_has_are_among_the_rejects_with_their_cells(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path, CHINESE)
    await desk.take(path)
    rejects = (await desk.take(path)).rejects_file
    assert rejects is not None
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[2] == [
        "3", "名单中已有此人 (already in this campaign)", "2", "李雷", "'+86-13900139000", "卡罗拉", "两行\n备注",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["list.csv", "./list.csv", "other.csv"])
async def test_no_file_is_overwritten(tmp_path: Path, name: str) -> None:
    desk = Desk()
    text = "姓名,手机\n甲,13800138000\n乙,wrong\n"
    path = write(tmp_path, text)
    write(tmp_path, "precious", name="other.csv")
    with pytest.raises(ParseError, match="the list itself" if "list" in name else "a file that exists"):
        await desk.take(path, rejects_file=tmp_path / name)
    assert desk.numbers() == [], "nothing was taken in either"
    assert path.read_text() == text
    assert (tmp_path / "other.csv").read_text() == "precious"
    assert names(tmp_path) == ["list.csv", "other.csv"]


async def test_the_rejects_of_an_earlier_try_stay(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path, "手机\n13800138000\nwrong\n")
    first = (await desk.take(path)).rejects_file
    second = (await desk.take(path)).rejects_file
    assert (first, second) == (tmp_path / "list.rejects.csv", tmp_path / "list.rejects-2.csv")
    assert len(names(tmp_path)) == 3, "and nothing half-written"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        ("姓名,车型\n王,凯美瑞\n".encode(), "no column of phone numbers"),
        (b"\xff\x00\x81garbage\xff", "neither UTF-8 nor GB18030"),
        (b"phone," + b"x," * 300 + b"\n13800138000\n", "more than 200 columns"),
        ("手机\n13800138000\n\"" .encode() + b"x" * 200_000, "line 3: .*field larger than field limit"),
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
    assert names(tmp_path) == ["list.csv"]


async def test_named_column(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path, "手机,备用\n13800138000,13900139000\n")
    await desk.take(path, wanted=Wanted(numbers=("备用",)))
    assert desk.numbers() == ["+8613900139000"]
    with pytest.raises(ParseError, match="'没有'; there are: 手机, 备用"):
        await desk.take(path, "other", wanted=Wanted(numbers=("没有",)))
    rows, _ = read(path, Wanted(numbers=("备用", "手机")))
    assert [(row.number, row.others) for row in rows] == [("+8613900139000", ("+8613800138000",))]


def test_progress_and_batches_of_a_long_list(tmp_path: Path) -> None:
    path = write(tmp_path, "phone\n" + "".join(f"139001{index:05}\n" for index in range(3 * BATCH)))
    seen: list[Progress] = []
    total = path.stat().st_size
    file = open_list(path, GUESS)
    batches = ListReader(file, lambda _: None, where="list.csv", wanted=GUESS, progress=seen.append).batches()
    first = next(batches)
    assert len(first) == BATCH
    assert seen[0].rows == BATCH  # told before the next rows are read
    assert 0 < seen[0].read_bytes < total
    assert sum(map(len, batches)) == 2 * BATCH
    assert [progress.rows for progress in seen] == [BATCH, 2 * BATCH, 3 * BATCH, 3 * BATCH]
    assert seen[-1].read_bytes == seen[-1].total_bytes == total
    positions = [progress.read_bytes for progress in seen]
    assert positions == sorted(positions)


def test_the_heading_wins_over_digits_in_other_columns() -> None:
    columns = guess_columns(["订单号", "客户手机"], [["13800138000", "13900139000"]])
    assert columns.numbers == (1,)


def test_several_numbers_of_one_person_in_order(tmp_path: Path) -> None:
    text = (
        "办公电话,姓名,手机,家庭电话\n"
        "021-58880000,王,13800138000,\n"
        ",李,13900139000、13700137000,02158880001\n"
        "没有,赵,,020-38880000\n"
        "021-58880000,钱,13600136000,\n"  # an office with many mobiles: not the same person
        ",王,13100131000,020-38880000\n"  # but here somebody's mobile comes with Zhao's only number
        ",孙,13900139000,\n"
        "02158880001,周,,\n"
    )
    rows, rejects = read(write(tmp_path, text))
    assert [(row.name, row.number, row.others) for row in rows] == [
        ("王", "+8613800138000", ("+862158880000",)),
        ("李", "+8613900139000", ("+8613700137000", "+862158880001")),
        ("赵", "+862038880000", ()),
        ("钱", "+8613600136000", ("+862158880000",)),
        ("王", "+8613100131000", ("+862038880000",)),
        ("周", "+862158880001", ()),
    ]
    assert rows[2].fields == {"办公电话": "没有"}, "what is no number is kept"
    assert rows[3].fields == {"办公电话": "021-58880000"}, "and a line that may be another person's"
    assert [(reject.line, reject.reason) for reject in rejects] == [(7, "与第 3 行重复 (same person as line 3)")]


def test_reasons_say_what_to_mend(tmp_path: Path) -> None:
    _, rejects = read(
        write(tmp_path, "手机\n1380013800\n138001380001\n95555\n12345678901234\n1380013800O\n13800138000\n")
    )
    assert [reject.reason for reject in rejects] == [
        "号码 10 位，手机号应为 11 位 (10 digits; a mobile number has 11)",
        "号码 12 位，手机号应为 11 位 (12 digits; a mobile number has 11)",
        "短号码不外呼 (a short number is never dialled)",
        "号码无效 (not a phone number)",
        "号码无效 (not a phone number)",
    ]


def test_the_reason_of_a_bad_number_is_what_the_library_finds() -> None:
    chance = random.Random(7)
    lengths = 0
    for _ in range(3000):
        digits = "1" + "".join(chance.choices("0123456789", k=chance.randrange(2, 16)))
        cell = chance.choice((digits, f"{digits[:3]}-{digits[3:]}", f"{digits[:3]} {digits[3:7]} {digits[7:]}"))
        if numbers_in(cell):
            continue
        flaw, detail = flaw_of(cell)
        try:
            normalise(cell)
        except ParseError:
            like_a_mobile = digits[1] in "3456789" and 7 <= len(digits) <= 16 and len(digits) != 11
            assert (flaw, detail) == ((Flaw.WRONG_LENGTH, len(digits)) if like_a_mobile else (Flaw.NOT_A_NUMBER, 0))
            lengths += flaw is Flaw.WRONG_LENGTH
        else:
            assert flaw is Flaw.SHORT, cell
    assert lengths > 500


@given(st.lists(st.text(alphabet="1３ ab=\"'.0老\ufeff-\t", max_size=6), max_size=60))
def test_cells_that_come_again_are_cleaned_alike(cells: list[str]) -> None:
    cleaned = Cleaned()
    assert [cleaned[cell] for cell in cells * 2] == [clean(cell) for cell in cells * 2]


def test_what_is_remembered_of_cells_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_REMEMBERED", 10)
    cleaned = Cleaned()
    assert [cleaned[f" {index} "] for index in range(100)] == [f"{index}" for index in range(100)]
    assert len(cleaned) <= 10


def test_rows_shorter_than_the_headings(tmp_path: Path) -> None:
    rows, rejects = read(
        write(tmp_path, "姓名,手机,城市,家庭电话\n王,13800138000\n李\n赵,13900139000,上海,02158880000,多\n")
    )
    assert rows == [
        NewContact("+8613800138000", "王", 2, {}),
        NewContact("+8613900139000", "赵", 4, {"城市": "上海", "家庭电话": "02158880000"}, ("+862158880000",)),
    ]
    assert [reject.reason for reject in rejects] == ["没有号码 (no number)"]


def test_a_title_above_the_headings(tmp_path: Path) -> None:
    rows, rejects = read(write(tmp_path, "十一月回访名单,,\n姓名,手机,车型\n王,13800138000,凯美瑞\n"))
    assert rejects == []
    assert rows == [NewContact("+8613800138000", "王", 3, {"车型": "凯美瑞"})]


async def test_a_look_at_a_list_changes_nothing(tmp_path: Path) -> None:
    desk = Desk()
    await desk.take(write(tmp_path, "手机\n13800138000\n", name="a.csv"))
    await desk.take(write(tmp_path, "手机\n13900139000\n", name="b.csv"), "other")
    text = "姓名;手机;城市\n王;13800138000;上海\n李;13900139000;北京\n赵;12;\n钱;13900139000;\n孙;02158880000;\n"
    path = write(tmp_path, text, "gb18030")
    events = len(desk.log.events)
    seen = await check_list(path, "visits", desk.contacts)
    assert (seen.kind, seen.encoding, seen.separator) == ("csv", "gb18030", ";")
    assert (seen.headings, seen.numbers, seen.name) == (("姓名", "手机", "城市"), ("手机",), "姓名")
    assert seen.samples[0] == ("王", "13800138000", "上海")
    assert (seen.rows, seen.accepted, seen.flaws) == (5, 2, {"known": 1, "twice": 1, "not_a_number": 1})
    assert seen.kinds == {"mobile": 2, "fixed": 1}
    assert seen.elsewhere == {"other": 1}
    assert [reject.line for reject in seen.first_rejects] == [2, 4, 5]
    assert (desk.numbers(), len(desk.log.events)) == (["+8613800138000"], events)
    assert names(tmp_path) == ["a.csv", "b.csv", "list.csv"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(encoding="utf-8-sig"), "is not utf-8-sig; choose another"),
        (Wanted(encoding="klingon"), "unknown encoding"),
        (Wanted(separator="x"), "cells cannot be separated by 'x'"),
        (Wanted(sheet="Sheet1"), "a CSV file has no sheets"),
        (Wanted(name="称谓"), "'称谓'; there are: 序号, 客户姓名, 手机号, 车型, 备注"),
    ],
)
def test_wishes_that_cannot_be(tmp_path: Path, wanted: Wanted, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        read(write(tmp_path, CHINESE, "gb18030"), wanted)


STRAY = """姓名,手机
甲,13700000001
"张三,13700000002
李四,13700000003
王五,13700000004
"赵六",13700000005
丙,13700000006
"""


def test_a_stray_quotation_mark_swallows_nobody_unsaid(tmp_path: Path) -> None:
    rows, rejects = read(write(tmp_path, STRAY))
    assert [row.number[-1] for row in rows] == ["1", "6"]
    assert [(each.line, each.cells[0]) for each in rejects] == [(3, '"张三'), (4, "李四"), (5, "王五"), (6, '"赵六"')]
    assert {each.reason for each in rejects} == {
        "引号在第 3 行打开，到第 6 行才关闭 "
        "(a quotation mark opens in line 3 and closes in line 6; take it out, or close it)"
    }


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_mark_that_is_never_closed(tmp_path: Path, end: str) -> None:
    rows, rejects = read(write(tmp_path, f'姓名,手机\n甲,13700000001\n"张三,13700000002\n李四,13700000003{end}'))
    assert [row.number[-1] for row in rows] == ["1"]
    assert [each.line for each in rejects] == [3, 4] and "is never closed" in rejects[1].reason
    rows, rejects = read(write(tmp_path, f'姓名,手机\n甲,13700000001\n"张三,13700000002{end}'))
    assert len(rows) == 1 and [each.line for each in rejects] == [3] and "没有关闭" in rejects[0].reason


def test_a_column_of_numbers_alone_with_a_stray_mark(tmp_path: Path) -> None:
    rows, rejects = read(write(tmp_path, '手机\n13700000001\n"13700000002\n13700000003"\n13700000004\n'))
    assert [row.number[-1] for row in rows] == ["1", "4"] and [each.line for each in rejects] == [3, 4]


def test_headings_with_a_stray_mark_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="line 1: 引号在第 1 行打开，到第 2 行才关闭"):
        read(write(tmp_path, '"姓名,手机\n甲",13700000001\n乙,13700000002\n'))


async def test_what_was_swallowed_comes_in_once_it_is_mended(tmp_path: Path) -> None:
    desk = Desk()
    done = await desk.take(write(tmp_path, STRAY))
    assert (done.accepted, done.rejected) == (2, 4) and done.rejects_file is not None
    with done.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        cells = [[cell.replace('"', "") for cell in row] for row in csv.reader(file)]
    with (tmp_path / "mended.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(cells)
    assert (await desk.take(tmp_path / "mended.csv")).accepted == 4


async def test_rejected_rows_stand_in_order_and_are_no_formulas(tmp_path: Path) -> None:
    desk = Desk()
    await desk.take(write(tmp_path, "手机\n13700000001\n", name="first.csv"))
    rows = ["手机,备注", "13700000001,早", "abc,=1+1", "13700000002,", "13700000001x,@cmd", '"=""1370000""",+8613']
    done = await desk.take(write(tmp_path, "\n".join([*rows, "13700000001,晚"])))
    assert done.accepted == 1 and done.rejects_file is not None
    assert [each.line for each in done.first_rejects] == [2, 3, 5, 6, 7]
    with done.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        heading, *left = csv.reader(file)
    assert heading[2:] == ["手机", "备注"] and [row[0] for row in left] == ["2", "3", "5", "6", "7"]
    assert [row[3] for row in left] == ["早", "'=1+1", "'@cmd", "+8613", "晚"]
    assert left[3][2] == '="1370000"', "digits that are to stay text are no formula"
    assert not [name for name in names(tmp_path) if name.endswith(".part")]
