"""``/reports/staffing``: what is asked, what comes, and how it is refused."""

import csv
import io
from collections.abc import Callable
from typing import TypeAlias

import openpyxl
import pytest
from fastapi.testclient import TestClient

from reports.staffing_table import STAFFING_FORMULAS

Bearer: TypeAlias = Callable[[str], dict[str, str]]


def test_tomorrow_by_half_hours_with_formulas(client: TestClient, bearer: Bearer) -> None:
    answer = client.get("/api/v1/reports/staffing", headers=bearer("guest"))
    assert answer.status_code == 200
    found = answer.json()
    report = found["report"]
    assert (report["day"], len(report["slots"]), report["alike"]) == ("2026-11-20", 48, "weekday")
    assert set(found["formulas"]) == {formula.key for formula in STAFFING_FORMULAS}
    busiest = report["slots"][21]
    assert busiest["label"] == "10:30" and busiest["needed"] >= 4 and busiest["came"] is None
    assert report["promise"]["within_s"] == 20.0 and report["assumed"]["patience_s"] == 150.0


def test_what_is_asked_for_is_reckoned_with(client: TestClient, bearer: Bearer) -> None:
    who = bearer("boss")
    path = "/api/v1/reports/staffing?day=2026-11-19&queue=sales&weeks=4&share=0.95&within=5&aht=400&shrinkage=0.25"
    report = client.get(path, headers=who).json()["report"]
    assert (report["queue"], report["promise"]["share"], report["promise"]["within_s"]) == ("sales", 0.95, 5.0)
    assert report["assumed"]["handle_s"] == 400.0
    busiest = report["slots"][19]  # 09:30, which is over: it is 10:17
    assert busiest["came"] is not None and busiest["there"] == 5.0
    assert busiest["gap"] == busiest["there"] - busiest["needed"] < 0
    assert busiest["rostered"] > busiest["needed"]
    patient = client.get("/api/v1/reports/staffing?patience=60", headers=who).json()["report"]
    assert patient["assumed"]["patience_s"] == 60.0


def test_as_csv_and_xlsx(client: TestClient, bearer: Bearer) -> None:
    who = bearer("guest")
    answer = client.get("/api/v1/reports/staffing.csv", headers=who)
    assert answer.content.startswith(b"\xef\xbb\xbf") and "staffing.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["from"] == "08:00" and rows[-1]["from"] == "合计"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/v1/reports/staffing.xlsx", headers=who).content))
    assert book.active is not None and book.active.max_row == len(rows) + 2


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("day=2026-10-01", 422, "too_little_past"),
        ("day=1066-10-14", 422, "invalid"),
        ("day=today", 422, "invalid"),
        ("queue=parts", 404, "no_such"),
        ("weeks=99", 422, "invalid"),
        ("share=1", 422, "invalid"),
        ("share=nan", 422, "invalid"),
        ("within=-1", 422, "invalid"),
        ("aht=0", 422, "invalid"),
        ("patience=inf", 422, "invalid"),
        ("shrinkage=0.95", 422, "invalid"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    client: TestClient, bearer: Bearer, query: str, status: int, code: str
) -> None:
    answer = client.get(f"/api/v1/reports/staffing?{query}", headers=bearer("boss"))
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(f":{code}")


def test_strangers_see_nothing(client: TestClient) -> None:
    assert client.get("/api/v1/reports/staffing").status_code == 401
    assert client.get("/api/v1/reports/staffing.csv").status_code == 401
