"""``/reports/inbound``: all inbound calls and what became of them."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from console.api.inbound import inbound_table
from console.inbound_views import inbound_view
from reports.inbound import Behind, Handled, InboundCall, Outcome
from tests.unit.console import day

SignIn = Callable[[str], dict[str, str]]
PATH = "/api/v1/reports/inbound"


def test_every_call_by_line_and_what_agents_made_of_them(client: TestClient, bearer: SignIn) -> None:
    report = client.get(PATH, headers=bearer("boss")).json()
    total, first, second = report["lines"]
    assert (total["name"], first["name"], second["name"]) == ("", day.LINE, "4008005678")
    for line in report["lines"]:
        assert line["figures"]["came"] == sum(line["figures"][outcome.value] for outcome in Outcome)
    assert (first["figures"]["full"], second["figures"]["menu"], second["figures"]["reach_rate"]) == (2, 2, 0.0)
    assert report["queues"][0] == report["agents"][0]
    assert report["queues"][0]["figures"]["contacts"] == total["figures"]["talked"] > 0
    assert [it["name"] for it in report["agents"][1:]] == ["101", "102", "103"]
    assert set(report["formulas"]) == {*total["figures"], *report["queues"][0]["figures"]}
    assert [it["total"] for it in report["queues"]] == [True, *[False] * (len(report["queues"]) - 1)]
    assert "7 天" in report["formulas"]["repeated"]["formula_zh"]
    assert report["matching"] == total["figures"]["came"]


def test_a_count_opens_its_calls(client: TestClient, bearer: SignIn) -> None:
    report = client.get(f"{PATH}?figure=menu&line=4008005678&days=3", headers=bearer("wang")).json()
    assert report["matching"] == 2 and report["days"] == 3
    assert [(it["id"], it["number"]) for it in report["items"]] == [("c-menu-2", "+86137****0098"), ("c-menu-1", "")]
    passed = client.get(f"{PATH}?figure=transferred&agent=101", headers=bearer("boss")).json()
    assert passed["matching"] == len(passed["items"]) == passed["agents"][1]["figures"]["transferred"] > 0
    assert all(it["agent"] == "101" and it["transferred"] for it in passed["items"])


def test_as_a_table_and_what_is_refused(client: TestClient, bearer: SignIn) -> None:
    table = client.get(f"{PATH}.csv?figure=menu", headers=bearer("wang")).text.splitlines()
    assert table[1].split(",")[:2] == ["被叫号码 line", "合计 total"] and "来电 came" in table[0]
    assert len({row.count(",") for row in table if '"' not in row}) == 1
    assert any("137****0098" in row for row in table) and any(row.startswith("公式 formula,fcr") for row in table)
    assert client.get(f"{PATH}.xlsx", headers=bearer("boss")).content[:2] == b"PK"
    for wrong in ("figure=talks", "days=0", "days=31", "from=2026-01-01&to=2026-03-01"):
        assert client.get(f"{PATH}?{wrong}", headers=bearer("boss")).status_code == 422, wrong
    assert client.get(PATH).status_code == 401


def test_calls_through_no_queue_have_a_row_that_is_not_taken_for_the_total() -> None:
    calls = [
        InboundCall(f"c{number}", "", "400", 10.0 - number, Outcome.TALKED, queue, "101")
        for number, queue in enumerate(("sales", "", ""))
    ]
    handled = [Handled(call.queue, call.agent, 30.0) for call in calls]
    report = inbound_view(calls, handled, Behind(), (0.0, 20.0), 7, "Asia/Shanghai")
    assert [(it.name, it.total, it.figures["contacts"]) for it in report.queues] == [
        ("", True, 3), ("", False, 2), ("sales", False, 1),
    ]  # fmt: skip
    rows = [row[1] for row in inbound_table(report).rows if row[0] == "队列 queue"]
    assert rows == ["合计 total", "直接呼入 not through a queue", "sales"]
