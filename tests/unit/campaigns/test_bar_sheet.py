"""Files of numbers not to be called: our own export keeps its kinds, any other list is listed."""

from pathlib import Path

import pytest

from campaigns.bar_sheet import KIND_HEADING, NUMBER_HEADING, read_bars
from campaigns.list_file import GUESS, open_list
from campaigns.rejects import Reject
from campaigns.rules.values import BarKind
from core.errors import ParseError

ONE, TWO = "+8613800138000", "+8613800138001"


def read(path: Path, text: str) -> tuple[dict[BarKind, list[str]], list[Reject]]:
    path.write_text(text, encoding="utf-8")
    rejects: list[Reject] = []
    found: dict[BarKind, list[str]] = {}
    for kind, numbers in read_bars(open_list(path, GUESS), rejects.append, where=path.name, wanted=GUESS):
        found.setdefault(kind, []).extend(numbers)
    return found, rejects


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
