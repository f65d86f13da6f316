"""From lists in files to owners in order: import, fit, rank, offers, and what an agent is told."""

import asyncio
import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from campaigns.tradein.tenure import Tenure
from console.record_views import records_view
from core.clock import VirtualClock
from desk.interest import Interest
from desk.offers import Offer
from desk.records import Ownership, StockCar, Vehicle, Visit
from service.cli import app
from service.customer_records import CustomerRecords
from service.records_import import import_records
from service.tradein import CYCLE_KEY, keep_cycle, kept_cycle, owner_of
from store.interests import Said
from store.records import Driven
from tests.unit.campaigns.tradein.test_outlook import CYCLE
from tests.unit.store.conftest import Desk

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
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

OFFERED = (
    Offer("通用", "任选", date(2026, 1, 1), date(2027, 12, 31), 2000),
    Offer("老轩逸", "新轩逸", date(2026, 1, 1), TODAY, 9000, ("轩逸",), years_from=6),
    Offer("已结束", "任选", date(2026, 1, 1), date(2026, 11, 21)),
    Offer("逍客", "任选", date(2026, 1, 1), TODAY, models=("逍客",)),
)


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
    (home / "line400.toml").write_text(OFFERS, encoding="utf-8")
    (home / "stock.csv").write_text(STOCK, encoding="utf-8")
    taken = line400("records", "import", "stock.csv", "--kind", "stock")
    assert "accepted: 4    拒绝 / rejected: 1" in taken.stdout and "line 6: 状态" in taken.stdout, taken.output
    assert line400("records", "stock").stdout == "新车  在库 here 1  在途 coming 1  已订 reserved 1\n"
    done = line400("tradein", "rank", "--months", "6", "--csv", "out.csv")
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
    fit = line400("select", "preview", "--where", "offer=:合成置换").stdout
    assert f"→ {sum(row['方案 offer'] != '' for row in ranked)}\n" in fit, fit
    assert "没有置换方案 '无'" in line400("select", "preview", "--where", "offer=:无").stderr
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
        done = await import_records(tmp_path / "cars.xlsx", "ownerships", store.records, NOW)
        assert (done.accepted, done.rejected) == (1, 0)
        [car] = (await store.records.of_number("+8613800138000")).cars
        assert (car.ownership.vehicle.vin, car.ownership.since) == (VIN, "2020-03-05")


def test_offers_and_touches_are_shown(home: Path) -> None:
    (home / "line400.toml").write_text(OFFERS, encoding="utf-8")
    assert "合成置换: 紧凑型轿车、SUV → 新车  8000 元" in line400("tradein", "offers").stdout
    assert line400("tradein", "offers", "--config", "none.toml").exit_code == 2
    planned = line400("tradein", "touches", "warm", "--from", "2026-11-22", "--launch", "2027-03-15").stdout
    assert "2027-03-01  launch" in planned and "2026-12-22  keep_in_touch" in planned
    assert line400("tradein", "touches", "warm", "--from", "soon").exit_code == 2


def test_offers_of_the_page_are_shown_first(home: Path) -> None:
    (home / "line400.toml").write_text(OFFERS, encoding="utf-8")
    (home / "var").mkdir()

    async def make() -> None:
        async with await Desk(home / "var").open() as store:
            terms = {"name": "页面", "to": "新车", "since": "2026-01-01", "until": "2026-12-31"}
            await store.tradein_offers.make("页面", terms, "boss")

    asyncio.run(make())
    shown = line400("tradein", "offers").stdout.splitlines()
    assert [line.split(":")[0] for line in shown][:2] == ["页面", "合成置换"]
    assert "没有置换方案" not in line400("select", "preview", "--where", "offer=:页面").output


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
        records = CustomerRecords(store, clock, lambda: OFFERED, lambda _at: TODAY)
        assert (await records.of_number("+8613800138000")).outlooks == (None, None), "nothing was fitted"
        await keep_cycle(store.settings, CYCLE)
        clock.advance(61.0)
        await store.records.take([StockCar("LSVAA49J132012347", "新轩逸")])
        await store.interests.say("c-1", "+8613800138000", Said(Interest.WARM, "沪A12345", "想要白色", "101"), TODAY)
        known = await records.of_number("+8613800138000")
        assert [[(one.name, one.in_stock) for one in fitting] for fitting in known.offers] == [
            [("通用", 0), ("老轩逸", 1)],
            [],
        ], "he has the second no more"
        now, before = records_view(known, "").cars
        assert now.interest is not None and before.interest is None
        assert (now.interest.level, now.interest.next_on, now.interest.note) == ("warm", "2026-12-22", "想要白色")
        outlook, none = known.outlooks
        assert none is None, "he has it no more"
        assert outlook is not None
        assert outlook.reason_zh == "轩逸，已6.8年，同款车主中位置换6.2年（5.9–6.6）"
        assert 0 < outlook.within_3_months < outlook.within_6_months < outlook.within_12_months < 1
        await store.settings.put(CYCLE_KEY, json.dumps({"version": 0}))
        assert await kept_cycle(store.settings) is None
        assert await kept_cycle(store.settings, with_points=True) == CYCLE
