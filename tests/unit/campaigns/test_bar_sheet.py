"""Files of numbers not to be called: no number of a row is overlooked, whatever else stands in it; our own export keeps
its kinds, any other list is listed.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from campaigns.bar_sheet import KIND_HEADING, NUMBER_HEADING, BarReader
from campaigns.list_file import GUESS, Wanted, open_list
from campaigns.rejects import Reject
from campaigns.rules.values import BarKind
from core.errors import ParseError

BESIDE = (
    (
        "date.csv",
        "登记日期,客户,号码\n2026-11-01,甲,13911110001\n2026-11-02 10:30,乙,13911110002\n20261103,丙,13911110003\n"
        "身份证310101199001011234,丁,13911110004\n0021-11110005,戊,13911110005\n",
        (1, 2, 3, 4, 5),
    ),
    (
        "member.csv",
        "会员号,手机号\n88001234567,13911110006\n02088123456,13911110007\n13911119999,13911110008\n",
        (6, 7, 8),
    ),
    (
        "several.csv",
        '手机,手机2\n13911110009,13911110010\n13911110011/13911110012,\n"13911110013、13911110014",\n',
        (9, 10, 11, 12, 13, 14),
    ),
)
"""As people hand them over, with the ends of the numbers that they hold."""
ONE, TWO = "+8613800138000", "+8613800138001"


def read(path: Path, text: str, wanted: Wanted = GUESS) -> tuple[dict[BarKind, list[str]], list[Reject]]:
    path.write_text(text, encoding="utf-8")
    rejects: list[Reject] = []
    found: dict[BarKind, list[str]] = {}
    reader = BarReader(open_list(path, wanted), rejects.append, where=path.name, wanted=wanted)
    for kind, numbers in reader.batches():
        found.setdefault(kind, []).extend(numbers)
    assert reader.count == sum(map(len, found.values())) and reader.rejected == len(rejects)
    return found, rejects


def mobiles(*lasts: int) -> dict[BarKind, list[str]]:
    return {BarKind.LISTED: [f"+86139111100{last:02}" for last in lasts]}


@pytest.mark.parametrize(("name", "text", "found"), BESIDE, ids=[name for name, _, _ in BESIDE])
def test_what_stands_beside_a_number_is_not_taken_for_it(
    tmp_path: Path, name: str, text: str, found: Sequence[int]
) -> None:
    assert read(tmp_path / name, text) == (mobiles(*found), [])


def test_every_number_of_a_row_counts(tmp_path: Path) -> None:
    """Also where another row has one of them, and in columns that hold one only now and then."""
    first = "".join(f"1391111{1000 + at},,,\n" for at in range(60))
    rows = "13911110001,13911110002,,\n13911110001,13911110003,,13911110004\n,无,,,13911110005\n13911111000,,Mate 70,\n"
    found, rejects = read(tmp_path / "never.csv", f"手机,备用手机,手机型号,\n{first}{rows}")
    assert found[BarKind.LISTED][60:] == mobiles(1, 2, 3, 4, 5)[BarKind.LISTED] and rejects == []


def test_what_may_have_been_a_number_is_told_beside_those_that_are_taken(tmp_path: Path) -> None:
    rows = "13911110001,1391111,无\n无,13911110002,-\n1.39E+10,,13911110003\n无,,\n,1391111,\n95555,,\n"
    found, rejects = read(tmp_path / "never.csv", f"手机,手机2,家庭电话\n{rows}")
    assert found == mobiles(1, 2, 3)
    assert [one.line for one in rejects] == [2, 4, 5, 6, 7]
    assert rejects[0].reason.startswith("手机2：号码 7 位") and "照样列入" in rejects[0].reason
    assert rejects[1].reason.startswith("手机：号码被表格软件截断") and rejects[2].reason.startswith("号码无效")
    assert rejects[3].reason.startswith("号码 7 位") and rejects[4].reason.startswith("短号码")


def test_chosen_columns_are_the_only_ones(tmp_path: Path) -> None:
    wanted = Wanted(numbers=("会员号",))
    found, rejects = read(tmp_path / "never.csv", "会员号,手机号\n13911110001,13911110002\n", wanted)
    assert (found, rejects) == (mobiles(1), [])


def test_an_export_keeps_its_kinds(tmp_path: Path) -> None:
    rows = f"{ONE},refused,\n{TWO},LISTED,x\n{TWO},refused,\n,refused,\n138,refused,\n{ONE},sold,\n021-55550100,,\n"
    found, rejects = read(tmp_path / "all.csv", f"{NUMBER_HEADING},{KIND_HEADING},备注 note\n{rows}")
    assert found == {BarKind.REFUSED: [ONE, TWO, "138"], BarKind.LISTED: [TWO, "+862155550100"]}
    assert [one.line for one in rejects] == [5, 7]
    assert "没有号码" in rejects[0].reason and "refused" in rejects[1].reason


def test_its_columns_may_stand_anywhere(tmp_path: Path) -> None:
    found, rejects = read(tmp_path / "all.csv", f"备注,{KIND_HEADING},{NUMBER_HEADING}\n13900139000,refused,{ONE}\n")
    assert (found, rejects) == ({BarKind.REFUSED: [ONE]}, [])


@pytest.mark.parametrize(
    "text", [f"号码,原因\n{ONE},refused\n", f"{NUMBER_HEADING},kind\n{ONE},refused\n", f"{ONE},refused\n"]
)
def test_any_other_list_is_listed(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "never.csv", text) == ({BarKind.LISTED: [ONE]}, [])


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="名单为空"):
        read(tmp_path / "empty.csv", "")
