"""Test calls over the API."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from campaigns.probe import ProbeRun
from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
RUN = ProbeRun(
    "b-1", "hotline", "c-out", "c-in", "", day.NOW - 60, day.NOW, "answered", 4.04, 6.0, 31.0, "sales", "101", 0
)


def test_runs_of_the_last_month_and_as_a_table(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.probed = [RUN]
    guest = bearer("guest")
    assert client.get("/api/v1/probes").status_code == 401
    view = client.get("/api/v1/probes", headers=guest).json()
    assert [(one["name"], one["number"]) for one in view["probes"]] == [("hotline", "4008001234")]
    assert [(run["id"], run["result"], run["wait_s"], run["agent"]) for run in view["runs"]] == [
        ("b-1", "answered", 31.0, "101")
    ]
    assert client.get("/api/v1/probes?from=2020-01-01&to=2020-02-01", headers=guest).json()["runs"] == []
    assert client.get("/api/v1/probes?from=2020-02-01&to=2020-01-01", headers=guest).status_code == 422
    sheet = client.get("/api/v1/probes.csv", headers=guest).content.decode("utf-8-sig")
    assert "hotline,answered,4.0,6.0,31.0,sales,101,c-in," in sheet


def test_one_call_right_now(client: TestClient, bearer: SignIn, house: House) -> None:
    assert client.post("/api/v1/probes/hotline/run", headers=bearer("wang")).status_code == 403
    boss = bearer("boss")
    assert client.post("/api/v1/probes/other/run", headers=boss).status_code == 404
    begun = client.post("/api/v1/probes/hotline/run", headers=boss)
    assert (begun.status_code, begun.json()) == (202, {"run": "b-1"})
    assert house.desk.started == [("hotline", "boss")]
    assert client.post("/api/v1/probes/hotline/run", headers=boss).status_code == 409
