"""Tasks and ratings over the API."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from desk.tasks import Task
from reports.ratings import Rated
from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
TASK = Task("t-1", "low_rating", "c-1", "+8613800138000", "sales", "101", "1/5", day.NOW, None, "", "")


def test_a_supervisor_closes_a_task_with_a_note(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.kept = [TASK]
    boss = bearer("boss")
    page = client.get("/api/v1/tasks", headers=boss).json()
    assert page["open"] == 1
    assert [(item["id"], item["number"], item["closed_at"]) for item in page["items"]] == [
        ("t-1", "+8613800138000", None)
    ]
    assert client.post("/api/v1/tasks/t-1/close", json={"note": ""}, headers=boss).status_code == 422
    assert client.post("/api/v1/tasks/t-9/close", json={"note": "x"}, headers=boss).status_code == 404
    done = client.post("/api/v1/tasks/t-1/close", json={"note": " 已致电 "}, headers=boss).json()
    assert (done["closed_by"], done["note"], done["closed_at"]) == ("boss", "已致电", day.NOW)
    again = client.post("/api/v1/tasks/t-1/close", json={"note": "x"}, headers=boss)
    assert again.status_code == 409 and "closed by boss" in again.json()["title"]
    assert client.get("/api/v1/tasks", headers=boss).json() == {"items": [], "open": 0}
    assert len(client.get("/api/v1/tasks?state=closed", headers=boss).json()["items"]) == 1


def test_tasks_are_not_for_agents_and_numbers_not_for_viewers(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.kept = [TASK]
    assert client.get("/api/v1/tasks").status_code == 401
    assert client.get("/api/v1/tasks", headers=bearer("wang")).status_code == 403
    guest = bearer("guest")
    assert client.get("/api/v1/tasks", headers=guest).json()["items"][0]["number"] != TASK.number
    assert client.post("/api/v1/tasks/t-1/close", json={"note": "x"}, headers=guest).status_code == 403


def test_ratings_with_their_formulas_and_as_a_table(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.rated = [Rated("sales", "101", 5, 5, 3), Rated("sales", "102", None, None, 1)]
    boss = bearer("boss")
    view = client.get("/api/v1/reports/ratings?from=2026-01-01&to=2026-01-08", headers=boss).json()
    assert view["to_at"] - view["from_at"] == 7 * 86400
    assert view["formulas"]["csat"]["formula_en"] == "two best scores / rated"
    assert (view["total"]["asked"], view["total"]["rated"], view["total"]["csat"]) == (4, 3, 1.0)
    assert [row["name"] for row in view["agents"]] == ["101", "102"]
    sheet = client.get("/api/v1/reports/ratings.csv", headers=boss)
    assert sheet.headers["content-disposition"] == 'attachment; filename="ratings.csv"'
    assert "队列 queue,sales,4,3,0.75,5.0,1.0" in sheet.content.decode("utf-8-sig")
    assert client.get("/api/v1/reports/ratings.xlsx", headers=boss).content[:2] == b"PK"
    backwards = client.get("/api/v1/reports/ratings?from=2026-01-08&to=2026-01-01", headers=boss)
    assert backwards.status_code == 422
