"""``line400 select``: conditions are written, kept, counted and turned into a file of people."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.config import read_config
from service.config_warranty import warranties_of

CARS = (
    "手机号,姓名,车牌,车型,购车日期\n13800138000,王先生,沪A1,轩逸,2020-03-05\n"
    "13900139000,李女士,沪A2,轩逸,2021-03-05\n13700137000,赵先生,沪A3,逍客,2022-03-05\n"
)


def line400(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_conditions_become_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cars.csv").write_text(CARS, encoding="utf-8")
    assert line400("records", "import", "cars.csv").exit_code == 0
    assert line400("select", "save", "老轩逸", "--where", "bought=30..", "--where", "model=轩逸").exit_code == 0
    other = line400("select", "save", "老轩逸", "--where", "model=轩逸")
    assert other.exit_code == 1 and "was kept by the command line" in other.stderr.replace("\n", " ")
    assert line400("select", "save", "老轩逸", "--where", "bought=30..", "--where", "model=轩逸").exit_code == 0
    assert line400("select", "list").stdout == "老轩逸: bought=30..; model=轩逸\n"
    shown = line400("select", "preview", "老轩逸").stdout
    assert "people: 3" in shown and "bought=30..: −0 → 3\nmodel=轩逸: −1 → 2" in shown
    assert "match: 2    可拨打 / not barred: 2" in shown
    assert "+86138****8000" in shown and "13800138000" not in shown
    done = line400("select", "people", "老轩逸", "--csv", "out.csv")
    assert done.exit_code == 0, done.output
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["姓名"], row["手机"], row["车辆"]) for row in rows] == [
        ("王先生", "+8613800138000", "轩逸 沪A1"),
        ("李女士", "+8613900139000", "轩逸 沪A2"),
    ]
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0
    taken = line400("select", "take", "老轩逸", "--campaign", "置换", "--hold-out", "50", "--living")
    assert taken.exit_code == 0 and "came in: 2" in taken.stdout, taken.output
    brought = line400("select", "effect", "置换").stdout
    assert "进店 visited: 拨打组 called 0/" in brought and "对照组 held out 0/" in brought, brought
    assert line400("select", "effect", "无").exit_code == 1
    assert "lives by this selection" in line400("select", "delete", "老轩逸").stderr
    assert line400("select", "take", "老轩逸", "--campaign", "置换").exit_code == 0, "as before"
    assert line400("select", "save", "老轩逸", "--where", "model=轩逸", "--replace").exit_code == 0
    assert "warranty=" in line400("select", "reasons").stdout
    assert line400("select", "preview", "无").exit_code == 2
    assert line400("select", "save", "错", "--where", "bought=90..30").exit_code == 1
    assert [line400("select", "delete", "老轩逸").exit_code for _ in range(2)] == [0, 1]


def test_warranties_of_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "line400.toml"
    file.write_text('[warranty]\nmonths = 24\nmodels = ["途乐:Y62:60:150000"]\n', encoding="utf-8")
    found = warranties_of(read_config(file, {}).config.warranty)
    assert (found.usual.months, found.usual.km, found.of_models["途乐:Y62"].km) == (24, 100_000, 150_000)
