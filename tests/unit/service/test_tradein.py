"""From lists in files to owners in order: import, fit, rank, offers, and what an agent is told."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from campaigns.tradein.tenure import Tenure
from core.clock import VirtualClock
from core.errors import ConfigError
from desk.records import Ownership, Vehicle, Visit
from service.cli import app
from service.customer_records import CustomerRecords
from service.offers_file import read_offers
from service.records_import import import_records
from service.tradein import CYCLE_KEY, keep_cycle, kept_cycle, owner_of
from store.records import Driven
from tests.unit.campaigns.tradein.test_outlook import CYCLE
from tests.unit.store.conftest import Desk

TODAY = date(2026, 11, 22)
VIN = "LSVAA49J132012345"
STOCK = """\
车架号,车型,颜色,年款,价格,入库日期,状态
LSVAA49J132012345,新车,白,2026,128000,2026-10-01,在库
LSVAA49J132012346,新车,黑,2026,128000,2099-12-01,在途
LSVAA49J132012347,新车,黑,2026,128000,,已订
LSVAA49J132012348,新车,黑,2026,128000,2026-10-01,已售
LSVAA49J132012349,新车,黑,2026,128000,2026-10-01,丢了
"""
OFFERS = """
[[offer]]
name = "合成置换"
segments = ["紧凑型轿车", "SUV"]
to = "新车"
subsidy_yuan = 8000
since = 2020-01-01
until = "2099-12-31"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def line400(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_from_synthetic_lists_to_a_ranking_with_offers(home: Path) -> None:
    assert line400("tradein", "synthetic", "lists", "--owners", "300").exit_code == 0
    owned = rows_of(home / "lists" / "ownerships.csv")
    assert {row["说明"] for row in owned} == {"合成数据 synthetic"}
    first = line400("records", "import", "lists/ownerships.csv")
    assert first.exit_code == 0, first.output
    assert "accepted: 300    拒绝 / rejected: 0" in first.stdout
    assert "rejected: 0" in line400("records", "import", "lists/visits.csv", "--kind", "visits").stdout
    assert "no cycle yet" in line400("tradein", "curve", "合成轿车甲").stderr
    (home / "offers.toml").write_text(OFFERS, encoding="utf-8")
    (home / "stock.csv").write_text(STOCK, encoding="utf-8")
    taken = line400("records", "import", "stock.csv", "--kind", "stock")
    assert "accepted: 4    拒绝 / rejected: 1" in taken.stdout and "line 6: 状态" in taken.stdout, taken.output
    assert line400("records", "stock").stdout == "新车  在库 here 1  在途 coming 1  已订 reserved 1\n"
    done = line400("tradein", "rank", "--months", "6", "--csv", "out.csv", "--offers", "offers.toml")
    assert done.exit_code == 0, done.output
    ranked = rows_of(home / "out.csv")
    living = [row for row in owned if not row["换车日期"]]
    assert len(ranked) == len(living)
    chances = [float(row["6个月 6 months"]) for row in ranked]
    assert chances == sorted(chances, reverse=True)
    assert "中位置换" in ranked[0]["理由 reason"]
    offered = {(row["方案 offer"], row["补贴 subsidy_yuan"], row["现车 in_stock"]) for row in ranked}
    assert offered == {("合成置换", "8000", "1"), ("", "", "")}
    assert line400("tradein", "curve", "合成轿车甲").stdout.startswith("年 years,仍持有 still,下限 low,上限 high")
    assert line400("tradein", "curve", "没有").exit_code == 2
    likely = line400("select", "preview", "--where", "chance_6=10..").stdout
    assert (
        f"chance_6=10..: −{sum(chance < 0.1 for chance in chances)} → {sum(chance >= 0.1 for chance in chances)}"
        in likely
    )
    assert owned[0]["车架号"] in line400("records", "show", owned[0]["手机号"]).stdout
    assert line400("records", "show", "13800138000").exit_code == 1


def test_rows_that_are_wrong_come_back_with_their_lines(home: Path) -> None:
    text = "手机号,车牌,车型,购车日期\n13800138000,沪A12345,轩逸,2020-03-05\nabc,沪A2,轩逸,2020-03-05\n"
    (home / "cars.csv").write_bytes(text.encode("gb18030"))
    assert "line 3: 号码无效" in line400("records", "import", "cars.csv").stdout
    assert "abc" in (home / "cars.rejects.csv").read_text(encoding="utf-8-sig")
    (home / "visits.csv").write_text("车牌,日期,里程\n沪A12345,2024-01-02,50000\n沪A9,2024-01-02,1\n", encoding="utf-8")
    done = line400("records", "import", "visits.csv", "--kind", "visits")
    assert "accepted: 1    拒绝 / rejected: 1" in done.stdout and "no such car" in done.stdout
    assert "50000 公里 km (2024-01-02)" in line400("records", "show", "13800138000").stdout
    (home / "none.csv").write_text("车牌,日期\n", encoding="utf-8")
    assert line400("records", "import", "none.csv").exit_code == 1


async def test_a_workbook_is_read_as_a_list(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["手机号", "VIN", "车型", "购车日期"])
    sheet.append([13800138000, VIN, "轩逸", date(2020, 3, 5)])
    book.save(tmp_path / "cars.xlsx")
    async with await Desk(tmp_path).open() as store:
        done = await import_records(tmp_path / "cars.xlsx", "ownerships", store.records, TODAY)
        assert (done.accepted, done.rejected) == (1, 0)
        [car] = (await store.records.of_number("+8613800138000")).cars
        assert (car.ownership.vehicle.vin, car.ownership.since) == (VIN, "2020-03-05")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[offer]]\nname='a'\nto='b'\nsince=2026-01-01\n", "offers.toml:1: offer[1]: until is missing"),
        (
            "[[offer]]\nname='a'\nto='b'\nsince=2026-01-01\nuntil='soon'\n",
            "offers.toml:5: offer[1].until: must be a day",
        ),
        (
            "[[offer]]\nname='a'\nto='b'\nsince=2026-02-01\nuntil=2026-01-01\n",
            "offer[1].until: must not be before since",
        ),
        (
            "[[offer]]\nname='a'\nto=''\nsince=2026-01-01\nuntil=2026-01-01\n",
            "offers.toml:3: offer[1].to: must not be empty",
        ),
        ("[[offer]]\nsubsidy=1\n", "did you mean 'subsidy_yuan'?"),
        ("[offers]\n", "unknown key; did you mean 'offer'?"),
        ("offer = 3\n", "must be tables"),
        ("[[offer]\n", "not well-formed TOML"),
    ],
)
def test_faults_of_offers_name_the_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "offers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as failed:
        read_offers(tmp_path / "offers.toml")
    assert said in str(failed.value)


def test_offers_and_touches_are_shown(home: Path) -> None:
    (home / "offers.toml").write_text(OFFERS, encoding="utf-8")
    assert "合成置换: 紧凑型轿车、SUV → 新车  8000 元" in line400("tradein", "offers", "offers.toml").stdout
    assert line400("tradein", "offers", "none.toml").exit_code == 2
    planned = line400("tradein", "touches", "warm", "--from", "2026-11-22", "--launch", "2027-03-15").stdout
    assert "2027-03-01  launch" in planned and "2026-12-22  keep_in_touch" in planned
    assert line400("tradein", "touches", "warm", "--from", "soon").exit_code == 2


def test_what_was_driven_counts_from_when_he_got_the_car() -> None:
    def tenure(owned: Ownership, first: int, last: int) -> Tenure:
        return owner_of(Driven(owned, "2023-03-05", "2025-03-05", first, last), TODAY).tenure

    new = Ownership(Vehicle(VIN, "", "轩逸", "", "2020-03-01"), "+8613800138000", "", "2020-03-05")
    used = Ownership(Vehicle(VIN, "", "轩逸", "", "2015-03-01"), "+8613800138000", "", "2020-03-05")
    told = Ownership(used.vehicle, "+8613800138000", "", "2020-03-05", km_since=40_000)
    assert tenure(new, 30_000, 50_000).km_year == pytest.approx(10_000, rel=0.01)
    assert tenure(used, 70_000, 90_000).km_year == pytest.approx(10_000, rel=0.01)
    assert tenure(told, 70_000, 90_000).km_year == pytest.approx(10_000, rel=0.01)
    assert tenure(used, 70_000, 90_000).car_years == pytest.approx(5.0, abs=0.02)
    lost = Ownership(used.vehicle, "+8613800138000", "", "2020-03-05", "2022-03-05")
    assert owner_of(Driven(lost), TODAY).tenure.years == pytest.approx(2.0, abs=0.01)
    assert not owner_of(Driven(lost), TODAY).tenure.replaced


async def test_an_agent_is_told_when_his_caller_may_replace(tmp_path: Path) -> None:
    async with await Desk(tmp_path).open() as store:
        since = (TODAY - timedelta(days=2484)).isoformat()
        gone = Ownership(
            Vehicle("", "沪B1", "轩逸", "轿车"), "+8613800138000", "王先生", "2010-01-01", "2020-01-01", True
        )
        await store.records.take(
            [
                Ownership(Vehicle(VIN, "沪A12345", "轩逸", "轿车"), "+8613800138000", "王先生", since),
                gone,
                Visit(VIN, "2024-01-02"),
            ]
        )
        clock = VirtualClock()
        records = CustomerRecords(store.records, store.stock, store.settings, clock, lambda: TODAY)
        assert (await records.of_number("+8613800138000")).outlooks == (None, None), "nothing was fitted"
        await keep_cycle(store.settings, CYCLE)
        clock.advance(61.0)
        outlook, none = (await records.of_number("+8613800138000")).outlooks
        assert none is None, "he has it no more"
        assert outlook is not None
        assert outlook.reason_zh == "轩逸，已6.8年，同款车主中位置换6.2年（5.9–6.6）"
        assert 0 < outlook.within_3_months < outlook.within_6_months < outlook.within_12_months < 1
        await store.settings.put(CYCLE_KEY, json.dumps({"version": 0}))
        assert await kept_cycle(store.settings) is None
        assert await kept_cycle(store.settings, with_points=True) == CYCLE
