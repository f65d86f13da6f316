"""Calls, recordings, transcripts, reports, campaigns, health: what the API answers."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from console.sheets import Table, harmless, to_csv, to_xlsx
from tests.unit.console import day
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]
STAR = f"/api/v1/calls/{day.STAR}"


def test_calls_newest_first_in_pages(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    page = client.get("/api/v1/calls?limit=10", headers=who).json()
    starts = [call["started_at"] for call in page["items"]]
    assert page["total"] == 85 and len(starts) == 10 and starts == sorted(starts, reverse=True)
    rest = client.get("/api/v1/calls?limit=10&offset=80", headers=who).json()
    assert len(rest["items"]) == 5


def test_calls_filtered(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    query = "from=2026-11-19T08:30&to=2026-11-19T09:00%2B08:00&queue=service"
    page = client.get(f"/api/v1/calls?{query}", headers=who).json()
    assert page["total"] > 0
    for call in page["items"]:
        assert call["queue"] == "service"
        assert day.MIDNIGHT + 8.5 * 3600 <= call["started_at"] < day.MIDNIGHT + 9 * 3600
    assert client.get("/api/v1/calls?number=12345678", headers=who).json()["items"][0]["id"] == day.STAR


@pytest.mark.parametrize("query", ["from=yesterday", "to=1e999", "limit=0", "limit=201", "number=abc", "direction=up",
              "outcome=lost", f"offset={10**30}", "to=2026-11-18&from=2026-11-19"])  # fmt: skip
def test_a_bad_filter_is_named(client: TestClient, bearer: Bearer, query: str) -> None:
    answer = client.get(f"/api/v1/calls?{query}", headers=bearer("boss"))
    problem, field = answer.json(), query.partition("=")[0]
    assert answer.status_code == 422 and problem["where"] == f"query.{field}" and problem["mend"]


def test_the_calls_behind_a_figure_are_those_that_were_counted(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    report = client.get("/api/v1/reports/queues?from=2026-11-19&bucket=half_hour", headers=who).json()
    checked = 0
    for row in report["rows"]:
        span = f"from={row['start_at']}&to={row['end_at']}&queue={row['queue']}"
        for figure in ("offered", "answered", "abandoned"):
            page = client.get(f"/api/v1/calls?behind={figure}&{span}", headers=who).json()
            assert page["total"] == row["figures"][figure]
            checked += page["total"]
    assert checked == 2 * report["total"]["figures"]["offered"]
    assert client.get("/api/v1/calls?behind=answered", headers=who).status_code == 422


def test_one_call(client: TestClient, bearer: Bearer) -> None:
    detail = client.get(STAR, headers=bearer("boss")).json()
    assert detail["call"]["ani"] == "+8613812345678"
    assert [event["name"] for event in detail["events"]][:2] == ["call.started", "call.answered"]
    missing = client.get("/api/v1/calls/c-none", headers=bearer("boss"))
    assert missing.status_code == 404 and missing.json()["title"] == "no call 'c-none'"


def test_numbers_are_masked_for_those_who_may_not_see_them(client: TestClient, bearer: Bearer) -> None:
    for name, shown in (("admin", "+8613812345678"), ("boss", "+8613812345678"), ("wang", "+86138****5678")):
        who = bearer(name)
        detail = client.get(STAR, headers=who).json()
        assert detail["call"]["ani"] == shown and detail["call"]["dnis"] == day.LINE
        assert detail["events"][0]["data"]["ani"] == shown
        sheet = client.get("/api/v1/calls.csv?number=12345678", headers=who).text
        assert shown in sheet and ("12345678" in sheet) == (name != "wang")
    results = client.get("/api/v1/campaigns/return-visit-nov/results", headers=bearer("guest")).json()
    assert results[0]["number"] == "+86139****1000"


def test_an_outbound_call_masks_whom_we_called(client: TestClient, house: House, bearer: Bearer) -> None:
    row = house.store.rows[0]
    house.store.rows.append(replace(row, id="c-out", direction="outbound", ani=day.LINE, dnis=row.ani, started_at=9e9))
    call = client.get("/api/v1/calls?limit=100", headers=bearer("guest")).json()["items"]
    found = next(each for each in call if each["id"] == "c-out")
    assert found["ani"] == day.LINE and "****" in found["dnis"]


def test_a_recording_is_served_in_ranges(client: TestClient, house: House, bearer: Bearer) -> None:
    who = bearer("boss")
    whole = (house.deps.recordings / f"{day.STAR}.wav").read_bytes()
    answer = client.get(f"{STAR}/recording.wav", headers=who)
    assert answer.content == whole and answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    part = client.get(f"{STAR}/recording.wav", headers={**who, "Range": "bytes=44-143"})
    assert part.status_code == 206 and part.content == whole[44:144]
    assert part.headers["content-range"] == f"bytes 44-143/{len(whole)}"
    tail = client.get(f"{STAR}/recording.wav", headers={**who, "Range": "bytes=-10"})
    assert tail.content == whole[-10:]
    for nothing in (f"bytes={len(whole)}-", "bytes=9-3", "bytes=x-y", "lines=1-2", "bytes"):
        refused = client.get(f"{STAR}/recording.wav", headers={**who, "Range": nothing})
        assert refused.status_code == 416 and refused.headers["content-range"] == f"bytes */{len(whole)}"
        assert refused.headers["content-type"] == "application/problem+json" and refused.json()["mend"]
    head = client.head(f"{STAR}/recording.wav", headers=who)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == str(len(whole)) and head.headers["content-type"] == "audio/wav"
    download = client.get(f"{STAR}/recording.wav?download=1", headers=who)
    assert download.headers["content-disposition"].startswith("attachment")


async def test_a_recording_outside_the_folder_is_not_served(
    client: TestClient, house: House, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def outside(recording: str) -> Path | None:
        return Path("../secret.wav")

    monkeypatch.setattr(house.store, "recording_path", outside)
    assert (house.deps.recordings / "../secret.wav").exists()
    answer = client.get(f"{STAR}/recording.wav", headers=bearer("admin"))
    assert answer.status_code == 404 and b"not for you" not in answer.content


def test_transcripts_and_why_there_is_none(client: TestClient, house: House, bearer: Bearer) -> None:
    who = bearer("boss")
    transcript = client.get(f"{STAR}/transcript", headers=who).json()
    assert len(transcript["segments"]) == len(day.DIALOGUE)
    assert transcript["segments"][1]["words"][0] == {
        "text": "你好，",
        "start_s": pytest.approx(5.21),
        "end_s": pytest.approx(5.51, abs=0.1),
        "confidence": 0.9,
    }
    rows = {row.transcript: row for row in house.store.rows}
    pending = client.get(f"/api/v1/calls/{rows['pending'].id}/transcript", headers=who)
    assert pending.status_code == 409 and pending.json()["type"].endswith("transcript_pending")
    lost = next(row for row in house.store.rows if not row.agent)
    none = client.get(f"/api/v1/calls/{lost.id}/transcript", headers=who)
    assert none.status_code == 404 and none.json()["title"] == "this call was not recorded"


def test_agents_work_with_states_of_one_day(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    report = client.get("/api/v1/reports/agents", headers=who).json()
    agent = report["agents"][0]
    assert set(agent["figures"]) == set(report["formulas"])
    assert agent["figures"]["paused_s"] == 900.0 and agent["figures"]["withdrawn"] == 1
    [pause] = [state for state in agent["states"] if state["state"] == "paused"]
    assert (pause["reason"], pause["until"] - pause["since"]) == ("用餐", 900.0)
    week = client.get("/api/v1/reports/agents?from=2026-11-16&to=2026-11-23", headers=who).json()
    assert week["agents"][0]["states"] == []
    table = client.get("/api/v1/reports/agents.csv", headers=who).text.splitlines()
    assert table[0].startswith("\ufeff坐席 agent,通话数 calls") and table[1].startswith("101,")
    assert client.get("/api/v1/reports/agents?from=2026-01-01&to=2026-11-01", headers=who).status_code == 422


def test_agents_work_by_hours_and_months(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    report = client.get("/api/v1/reports/agents?bucket=hour", headers=who).json()
    mine = [row for row in report["rows"] if row["agent"] == "101"]
    assert all(set(row["figures"]) == set(report["formulas"]) for row in mine) and len(mine) > 1
    [whole] = [agent for agent in report["agents"] if agent["agent"] == "101"]
    for figure in ("calls", "talk_s", "paused_s", "available_s", "rung", "withdrawn"):
        assert sum(row["figures"][figure] for row in mine) == pytest.approx(whole["figures"][figure]), figure
    table = client.get("/api/v1/reports/agents.csv?bucket=hour", headers=who).text.splitlines()
    assert table[0].startswith("\ufeff开始 from,结束 to,坐席 agent,通话数 calls")
    assert len(table) == 1 + len(report["rows"]) + len(report["agents"]) + len(report["formulas"])
    year = "/api/v1/reports/agents?from=2025-11-01&to=2026-11-24&bucket="
    assert client.get(f"{year}month", headers=who).json()["rows"]
    assert [client.get(f"{year}{bucket}", headers=who).status_code for bucket in ("day", "week_hour")] == [422, 422]


def test_callers_who_gave_up_and_who_called_them_back(client: TestClient, bearer: Bearer) -> None:
    report = client.get("/api/v1/reports/abandoned", headers=bearer("boss")).json()
    figures = report["figures"]
    assert (
        figures["abandoned"] == len(report["items"]) == sum(figures[it] for it in ("called_back", "came_back", "lost"))
    )
    assert min(figures.values()) > 0 and set(figures) == set(report["formulas"])
    back = next(item for item in report["items"] if item["next"] and item["next"]["by_us"])
    assert (back["next"]["agent"], back["next"]["after_s"]) == ("102", 600.0)
    assert back["number"].startswith("+861390000")
    masked = client.get("/api/v1/reports/abandoned", headers=bearer("wang")).json()
    assert {item["number"][6:10] for item in masked["items"]} == {"****"}
    table = client.get("/api/v1/reports/abandoned.csv?queue=service", headers=bearer("wang")).text.splitlines()
    assert {line.split(",")[3] for line in table[1:-4]} == {"service"} and "****" in table[1]
    assert client.get("/api/v1/reports/abandoned.xlsx", headers=bearer("boss")).content[:2] == b"PK"


def test_reports_have_formulas_and_refuse_bad_periods(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    report = client.get("/api/v1/reports/queues", headers=who).json()  # today
    assert report["from_at"] == day.MIDNIGHT and report["to_at"] == day.MIDNIGHT + 86_400
    assert set(report["total"]["figures"]) <= set(report["formulas"])
    assert report["formulas"]["answer_rate"]["formula_en"] == "answered / offered"
    for query in ("from=2026-11-19&to=2026-11-18", "from=2020-01-01&to=2026-01-01", "bucket=fortnight"):
        assert client.get(f"/api/v1/reports/queues?{query}", headers=who).status_code == 422


def test_report_as_csv_and_xlsx(client: TestClient, bearer: Bearer) -> None:
    who = bearer("guest")
    answer = client.get("/api/v1/reports/queues.csv?bucket=hour", headers=who)
    assert answer.content.startswith(b"\xef\xbb\xbf") and "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[1][0] == "2026-11-19 00:00:00"
    body = client.get("/api/v1/reports/queues.xlsx?bucket=hour", headers=who).content
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None and sheet.max_row == len(rows)


def test_campaigns_and_their_results(client: TestClient, bearer: Bearer, monkeypatch: pytest.MonkeyPatch) -> None:
    who = bearer("boss")
    campaigns = client.get("/api/v1/campaigns", headers=who).json()
    assert [campaign["id"] for campaign in campaigns] == ["return-visit-nov", "tradein-2019"]
    path = "/api/v1/campaigns/return-visit-nov/results"
    assert len(client.get(f"{path}?limit=2&offset=4", headers=who).json()) == 2
    rows = list(csv.reader(io.StringIO(client.get(f"{path}.csv", headers=who).content.decode("utf-8-sig"))))
    assert rows[0][-3::2] == ["quality", "原因"] and rows[0][-2].startswith("请问您对这次服务的质量满意吗？ How")
    assert rows[1][-3:] == ["5", "5 分（1–5 分） 5 (1–5)", "维修师傅很专业"]
    [quality, _] = client.get(f"{path}?limit=1", headers=who).json()[0]["answers"]
    assert (quality["question"], quality["form"], quality["words"]["said"]["en"]) == ("quality", "5f0c", "5 (1–5)")
    assert rows[5][1] == "'=HYPERLINK"  # a name must not become a formula
    assert client.get("/api/v1/campaigns/none/results.csv", headers=who).status_code == 404
    monkeypatch.setattr("console.papers._RESULTS_MOST", len(rows) - 2)
    many = client.get(f"{path}.csv", headers=who)
    assert many.status_code == 422 and "write all with `line400 campaign results`" in many.json()["title"]


def test_spreadsheets_take_text_for_text() -> None:
    given = ["=1+1", "@x", "+8613800138000", "-5", "+cmd|' /C calc'!A0", "plain"]
    assert [harmless(cell) for cell in given] == [
        "'=1+1",
        "'@x",
        "+8613800138000",
        "-5",
        "'+cmd|' /C calc'!A0",
        "plain",
    ]
    table = Table(["甲"], [["=1+1"], [2.5], [None]])
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(table))).active
    assert sheet is not None
    assert next((cell.value, cell.data_type) for (cell,) in sheet.iter_rows(min_row=2)) == ("=1+1", "s")
    assert to_csv(table).decode("utf-8-sig") == '甲\r\n\'=1+1\r\n2.5\r\n""\r\n'


def test_health_names_its_parts_to_those_who_are_signed_in(client: TestClient, house: House, bearer: Bearer) -> None:
    assert client.get("/health").json()["components"] == []
    parts = client.get("/api/v1/health", headers=bearer("guest")).json()
    assert parts["status"] == "degraded" and len(parts["components"]) == 6
    house.health.parts[0] = replace(house.health.parts[0], state="down")
    assert client.get("/health").status_code == 503


def test_agents_refusals_come_through(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    refused = client.put("/api/v1/agents/108/state", json={"state": "available"}, headers=who)
    assert refused.status_code == 409 and refused.json()["title"] == "agent 108 has no phone registered"
    no_reason = client.put("/api/v1/agents/101/state", json={"state": "paused"}, headers=who)
    assert no_reason.status_code == 422 and no_reason.json()["where"] == "body.reason"
    assert client.put("/api/v1/agents/999/state", json={"state": "offline"}, headers=who).status_code == 404
    paused = client.put("/api/v1/agents/101/state", json={"state": "paused", "reason": "用餐"}, headers=who)
    assert paused.json() == {"agent": "101", "asked": "paused", "reason": "用餐", "planned_s": 0.0}


def test_bodies_are_bounded_before_anyone_reads_them(client: TestClient) -> None:
    large = client.post("/api/v1/session", content=b"x" * 70_000)
    assert large.status_code == 413 and large.json()["where"] == "body"
    assert large.headers["x-content-type-options"] == "nosniff"
    endless = client.post("/api/v1/session", content=iter([b"x"]))
    assert endless.status_code == 411


def test_pages_and_their_policy(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "script-src 'self';" in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'content="{nonce}"' in page.text and "<script>" not in page.text and "style=" not in page.text
    assert client.get("/").headers["content-security-policy"] != policy  # a nonce is used once
    script = client.get("/pages/main.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["x-content-type-options"] == "nosniff"
    for outside in ("/pages/../app.py", "/pages/%2e%2e/app.py", "/pages/..%2fapp.py", "/pages/index.html", "/pages/"):
        assert client.get(outside).status_code == 404
    for odd in ("/pages/%00", f"/pages/{'x' * 5000}", "/pages/a%00.js", "/pages/%ff.js", "/pages/vendor"):
        answer = client.get(odd)
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["title"]) < 200


def test_openapi_names_every_route(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["info"]["title"].startswith("Line400")
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"] and operation["description"], path
