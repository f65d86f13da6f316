"""Tasks and ratings over the API."""

from collections.abc import Callable
from dataclasses import replace

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


def test_who_may_see_and_close_which(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.kept = [TASK, replace(TASK, id="t-2", agent="102")]
    assert client.get("/api/v1/tasks").status_code == 401
    wang, guest = bearer("wang"), bearer("guest")
    page = client.get("/api/v1/tasks", headers=wang).json()
    assert [(item["id"], item["agent"]) for item in page["items"]] == [("t-2", "")], "not about himself, of whom it is"
    assert page["open"] == 1 and page["items"][0]["number"] != TASK.number
    assert client.get("/api/v1/tasks?owner=102", headers=wang).status_code == 403
    assert client.post("/api/v1/tasks/t-1/close", json={"note": "x"}, headers=wang).status_code == 404
    assert client.post("/api/v1/tasks/t-2/close", json={"note": "x"}, headers=wang).status_code == 409
    assert client.get("/api/v1/tasks", headers=guest).json()["items"][0]["number"] != TASK.number
    assert client.post("/api/v1/tasks/t-1/close", json={"note": "x"}, headers=guest).status_code == 403
    assert client.put("/api/v1/tasks/t-1/owner", json={"owner": "101"}, headers=guest).status_code == 403


def test_an_agent_takes_a_task_gives_it_back_and_closes_it(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.kept = [replace(TASK, agent="102")]
    wang = bearer("wang")

    def give(owner: str, who: dict[str, str] = wang) -> int:
        return client.put("/api/v1/tasks/t-1/owner", json={"owner": owner}, headers=who).status_code

    assert give("103") == 403
    assert client.put("/api/v1/tasks/t-1/owner", json={"owner": "101"}, headers=wang).json()["owner"] == "101"
    assert len(client.get("/api/v1/tasks?mine=true", headers=wang).json()["items"]) == 1
    assert (give(""), give("101")) == (200, 200)
    assert client.post("/api/v1/tasks/t-1/close", json={"note": "ok"}, headers=wang).json()["closed_by"] == "wang"
    assert len(client.get("/api/v1/tasks?state=closed", headers=wang).json()["items"]) == 1
    assert give("101") == 409
    assert house.desk.given == [("t-1", "101", "wang"), ("t-1", "", "wang"), ("t-1", "101", "wang")]


def test_a_supervisor_gives_a_task_to_an_agent(client: TestClient, bearer: SignIn, house: House) -> None:
    house.desk.kept = [TASK]
    boss, chief, wang = bearer("boss"), bearer("chief"), bearer("wang")

    def give(owner: str, who: dict[str, str]) -> int:
        return client.put("/api/v1/tasks/t-1/owner", json={"owner": owner}, headers=who).status_code

    assert (give("999", boss), give("103", boss)) == (422, 200)
    assert give("101", wang) == 404, "another has it"
    assert len(client.get("/api/v1/tasks?owner=103", headers=boss).json()["items"]) == 1
    assert client.get("/api/v1/tasks?mine=true", headers=boss).json() == {"items": [], "open": 0}
    assert (give("boss", boss), give("102", chief)) == (200, 200), "by name, and by his phone"
    assert len(client.get("/api/v1/tasks?mine=true", headers=chief).json()["items"]) == 1
    assert (give("101", boss), give("", wang)) == (200, 200), "what he was given he may give back"
    assert client.put("/api/v1/tasks/t-9/owner", json={"owner": ""}, headers=boss).status_code == 404


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
