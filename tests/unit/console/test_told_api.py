"""Told waits over the API."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

SignIn = Callable[[str], dict[str, str]]


def test_told_waits_with_formulas_and_the_calls_outside(client: TestClient, bearer: SignIn) -> None:
    assert client.get("/api/v1/reports/told").status_code == 401
    report = client.get("/api/v1/reports/told?from=2026-11-19", headers=bearer("guest")).json()
    assert report["to_at"] - report["from_at"] == 86400
    assert report["total"]["figures"]["told"] == 3
    assert report["total"]["figures"]["inside_share"] == pytest.approx(1 / 3)
    assert report["total"]["misses"] == ["c-0000000000-morning000", "c-0000000002-morning002"]
    assert [row["queue"] for row in report["rows"]] == ["sales"]
    assert set(report["formulas"]) == set(report["total"]["figures"])
    nothing = client.get("/api/v1/reports/told?queue=tradein", headers=bearer("guest")).json()
    assert (nothing["total"]["figures"]["told"], nothing["rows"]) == (0, [])


@pytest.mark.parametrize("asked", ["from=2026-11-19&to=2026-11-18", "from=2026-01-01&to=2026-11-18"])
def test_periods_that_are_none(client: TestClient, bearer: SignIn, asked: str) -> None:
    answer = client.get(f"/api/v1/reports/told?{asked}", headers=bearer("guest"))
    assert answer.status_code == 422 and "93 days" in answer.json()["title"]


@pytest.mark.parametrize("report", ["told", "queues", "queues.csv", "abandoned"])
def test_a_queue_that_is_none_is_told_so(client: TestClient, bearer: SignIn, report: str) -> None:
    answer = client.get(f"/api/v1/reports/{report}?queue=nix", headers=bearer("guest"))
    assert (answer.status_code, answer.json()["where"]) == (422, "query.queue")
    assert "'nix'" in answer.json()["title"] and "sales" in answer.json()["mend"]
