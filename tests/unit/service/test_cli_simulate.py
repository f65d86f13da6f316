"""``line400 simulate`` from its options to its reports, and the replay of a day of the log."""

import asyncio
import csv
import io
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from acd.facts import QueueEntered, QueueLeft
from acd.laws import Shape
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from reports.columns import Entries
from reports.rows import EntryRow
from service.cli import app
from service.simulation_past import past_day, patience_law, talk_law
from store.store import Store
from telephony.facts import CallStarted, TalkEnded, TalkStarted

MIDNIGHT = datetime(2026, 5, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
CONFIG = """
[[number]]
number = "*"
to = "queue:sales"
[[agent]]
id = "8001"
password = "x"
queues = ["sales"]
skills = ["english:5"]
[[agent]]
id = "8002"
password = "x"
queues = ["sales", "service"]
[[queue]]
name = "sales"
service_level_s = 15
[[queue]]
name = "service"
service_level_s = 30
wrap_up_s = 20
"""


def line400(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def simulated(*arguments: str) -> dict[str, object]:
    result = line400("simulate", "--json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_anything_it_simulates_one_queue_and_says_how_long_it_took(home: Path) -> None:
    found = simulated("--calls", "400")
    total = found["report"]["total"]
    assert found["calls"] == total["offered"] == 400 and found["seconds"] > 0
    assert total["offered"] == total["answered"] + total["abandoned"]
    assert len(found["agents"]) == 12
    talks = sum(agent["calls"] for agent in found["agents"])
    assert 0 <= total["answered"] - talks <= 12  # those who were answered after the last caller had come
    # A phone rings for 3 s, so nobody is answered sooner; nobody works more than there is time.
    assert total["answered_p50_s"] > 2.999 and all(0 < agent["occupancy"] <= 1 for agent in found["agents"])
    assert not list(home.iterdir())


def test_the_same_seed_is_the_same_run(home: Path) -> None:
    one, again, other = (simulated("--calls", "300", "--seed", seed)["report"]["total"] for seed in ("7", "7", "8"))
    assert one == again != other


def test_a_table_a_sheet_and_a_workbook(home: Path) -> None:
    table = line400("simulate", "--calls", "200").stdout
    assert "队列报表" in table and "坐席报表" in table and "simulated 200 calls" in table
    assert "queues" in line400("simulate", "--calls", "50", "--language", "en").stdout
    arguments = ("simulate", "--days", "0.5", "--bucket", "half_hour", "--format")
    lines = list(csv.DictReader(io.StringIO(line400(*arguments, "csv").stdout)))
    assert len(lines) == 24 + 1 + 1  # half hours, the queue, everything
    assert sum(int(line["offered"]) for line in lines[:24]) == int(lines[-1]["offered"])
    assert line400(*arguments, "xlsx").exit_code == 2
    assert line400(*arguments, "xlsx", "-o", "out.xlsx").exit_code == 0
    assert (home / "out.xlsx").read_bytes()[:2] == b"PK"


def test_queues_crews_surges_and_plans(home: Path) -> None:
    (home / "agents.csv").write_text("from,agents\n00:00,2\n12:00,6\n", encoding="utf-8-sig")
    options = ("--days", "1", "--queue", "sales=20", "--queue", "service=10", "--crew", "@agents.csv@sales,service")
    calm = simulated(*options, "--crew", "1@service", "--patience", "exp:60")
    names = {cell["queue"]: cell for cell in calm["report"]["queues"]}
    assert set(names) == {"sales", "service"} and len(calm["agents"]) == 7
    assert names["sales"]["offered"] == pytest.approx(480, abs=100)
    surge = simulated(*options, "--crew", "1@service", "--patience", "exp:60", "--surge", "12:00+180x5")
    assert surge["report"]["total"]["offered"] > calm["report"]["total"]["offered"] + 200


def test_more_agents_serve_the_same_callers_better(home: Path) -> None:
    few, many = (simulated("--days", "0.3", "--agents", agents)["report"]["total"] for agents in ("8", "14"))
    assert few["offered"] == many["offered"] > 1000
    assert few["answer_rate"] < 0.95 < many["answer_rate"]


def test_the_queues_agents_and_skills_of_the_configuration(home: Path) -> None:
    (home / "line400.toml").write_text(CONFIG, encoding="utf-8")
    found = simulated("--config", "line400.toml", "--arrivals", "16", "--days", "1")
    queues = {cell["queue"]: cell for cell in found["report"]["queues"]}
    assert {agent["agent"] for agent in found["agents"]} == {"8001", "8002"}
    assert (queues["sales"]["threshold_s"], queues["service"]["threshold_s"]) == (15, 30)
    assert queues["sales"]["offered"] == pytest.approx(192, abs=60)  # half of 16 an hour
    one = simulated("-c", "line400.toml", "--queue", "service=8", "--days", "1", "--agents", "2")
    assert [cell["queue"] for cell in one["report"]["queues"]] == ["service"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--arrivals", "0"], "--arrivals"),
        (["--arrivals", "none"], "--arrivals"),
        (["--agents", "2.5"], "--agents"),
        (["--agents", "0"], "--agents"),
        (["--agents", "3", "--crew", "3@queue"], "--crew"),
        (["--crew", "3"], "--crew"),
        (["--crew", "3@other"], "--crew"),
        (["--queue", "sales"], "--queue"),
        (["--queue", "a=1", "--queue", "b=1", "--crew", "3@a"], "--crew"),
        (["--talk", "never"], "--talk"),
        (["--patience", "soon"], "--patience"),
        (["--ring", "x"], "--ring"),
        (["--surge", "noon"], "--surge"),
        (["--calls", "10", "--days", "1"], "--calls"),
        (["--start", "20.5.2026"], "--start"),
        (["--start", "9999-12-31"], "--start"),
        (["--day", "2026-05-20", "--calls", "5"], "--day"),
        (["--agents", "@missing.csv"], "missing.csv"),
        (["--config", "line400.toml", "--agents", "3"], "--agents"),
        (["--config", "line400.toml", "--queue", "parts=3"], "--queue"),
        (["--config", "line400.toml", "--crew", "1@sales"], "--crew"),
    ],
)
def test_what_cannot_be_simulated_is_said_by_its_option(home: Path, arguments: list[str], named: str) -> None:
    (home / "line400.toml").write_text(CONFIG, encoding="utf-8")
    result = line400("simulate", *arguments)
    assert result.exit_code == 1, result.output
    assert named in result.stderr


def test_a_configuration_without_agents_says_so(home: Path) -> None:
    (home / "line400.toml").write_text("[http]\nport = 8401\n", encoding="utf-8")
    result = line400("simulate", "-c", "line400.toml")
    assert result.exit_code == 1 and "no agents" in result.stderr


async def write_day(database: Path) -> None:
    """60 calls to the sales queue, one a minute from 09:00, every third abandoned after 20 s, talks of 30 or 90 s; one
    of them came to two queues; one call to a queue that is no more.
    """
    clock = VirtualClock(MIDNIGHT + 9 * 3600.0)
    async with await Store.open(f"sqlite:///{database}", clock, Ids(clock, CountingEntropy())) as store:
        log = store.log
        for number in range(60):
            call, entry = f"c-{number}", f"q-{number}"
            log.post(call, CallStarted("inbound", "", ""))
            log.post(call, QueueEntered(entry, "sales"))
            if number % 3 == 2:
                clock.advance(20.0)
                log.post(call, QueueLeft(entry, "sales", "abandoned", 20.0))
                clock.advance(40.0)
                continue
            talk_s = 30.0 if number % 3 else 90.0
            log.post(call, QueueLeft(entry, "sales", "answered", 0.0, "8001"))
            log.post(call, TalkStarted("8001", "sales"))
            log.post(call, TalkEnded("8001", talk_s, 0.0, "sales"))
            clock.advance(60.0)
        for call, queue in (("c-0", "service"), ("c-old", "gone")):
            log.post(call, QueueEntered(f"q-{call}-{queue}", queue))
            log.post(call, QueueLeft(f"q-{call}-{queue}", queue, "overflowed", 0.0))
        await log.flush()


def test_a_past_day_is_replayed_with_laws_that_fit_it(home: Path) -> None:
    (home / "line400.toml").write_text(CONFIG, encoding="utf-8")
    (home / "var").mkdir()
    asyncio.run(write_day(home / "var" / "line400.db"))
    found = simulated("--day", "2026-05-20", "--bucket", "hour")
    assert found["calls"] == 60
    assert [(cell["label"][:13], cell["offered"]) for cell in found["report"]["cells"]] == [("2026-05-20T09", 60)]
    assert found["talk"].startswith("lognormal:60,") and found["patience"] == "exp:20"
    told = simulated("--day", "2026-05-20", "--talk", "const:10", "--patience", "never", "--agents", "1")
    assert (told["talk"], told["patience"], told["report"]["total"]["answered"]) == ("const:10", "never", 60)
    nobody = line400("simulate", "--day", "2026-05-21")
    assert nobody.exit_code == 1 and "--day" in nobody.stderr


async def test_a_call_is_replayed_once_and_only_to_queues_that_are(tmp_path: Path) -> None:
    await write_day(tmp_path / "line400.db")
    clock = VirtualClock(MIDNIGHT + 86_400.0)
    async with await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy())) as store:
        past = await past_day(store, MIDNIGHT, MIDNIGHT + 86_400.0, ["sales", "service"])
    assert {queue: len(moments) for queue, moments in past.moments.items()} == {"sales": 60}
    assert past.moments["sales"][1] - past.moments["sales"][0] == pytest.approx(60.0)


def test_laws_are_estimated_only_from_enough() -> None:
    assert talk_law([60.0] * 19) is None
    constant = talk_law([60.0] * 20)
    assert constant is not None and (constant.shape, constant.mean_s) == (Shape.CONSTANT, 60.0)
    ends = ["abandoned"] * 10 + ["answered"] * 30
    rows = [EntryRow(f"q{number}", f"c{number}", "sales", 1.0 * number, end, 30.0) for number, end in enumerate(ends)]
    law = patience_law(Entries.of(rows))
    assert law is not None and law.mean_s == pytest.approx(40 * 30.0 / 10)
    assert patience_law(Entries.of(rows[1:])) is None
