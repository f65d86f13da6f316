"""What came of calls over HTTP: who may say it, what is asked for, and how it is counted."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from campaigns.promised import PromisedCall
from desk.facts import CallDisposed, DispositionSet
from reports.dispositions import Disposed
from tests.unit.console import day
from tests.unit.console.fakes import House

Bearer = Callable[[str], dict[str, str]]
SAY = f"/api/v1/calls/{day.STAR}/disposition"


def test_an_agent_says_what_came_of_his_talk_and_changes_it(client: TestClient, house: House, bearer: Bearer) -> None:
    wang = bearer("wang")
    first = client.post(SAY, json={"code": "wrong"}, headers=wang)
    assert first.status_code == 200
    said = client.post(SAY, json={"code": "deal", "customer": " 王  先生"}, headers=wang).json()
    assert [(each["code"], each["customer"], each["by"], each["stands"]) for each in said] == [
        ("wrong", "", "wang", False),
        ("deal", "王 先生", "wang", True),
    ]
    assert client.get(f"/api/v1/calls/{day.STAR}", headers=wang).json()["dispositions"] == said
    assert house.log.facts(DispositionSet) == []
    assert [each["promised"] for each in said] == [None, None]
    house.dispositions.promised = PromisedCall(day.NOW, day.NOW + 60, "list_hours", "时段外", "closed")
    for who in ("wang", "boss"):
        *before, last = client.post(SAY, json={"code": "wrong"}, headers=bearer(who)).json()
        assert last["promised"] == {
            "call_at": day.NOW, "first_at": day.NOW + 60, "rule": "list_hours", "zh": "时段外", "en": "closed",
        }  # fmt: skip
        assert not any(each["promised"] for each in before), "whoever has said it is told"


def test_a_supervisor_says_it_later_and_that_is_on_record(client: TestClient, house: House, bearer: Bearer) -> None:
    answer = client.post(SAY, json={"code": "deal", "customer": "李女士"}, headers=bearer("boss"))
    assert answer.status_code == 200
    said = CallDisposed("101", "sales", "deal", "boss", customer="李女士")
    assert house.log.facts(CallDisposed) == [said], "of the last one who talked"
    acts = client.get("/api/v1/audit", headers=bearer("boss")).json()
    assert [(act["name"], act["call_id"], act["data"]["by"]) for act in acts] == [("disposition.set", day.STAR, "boss")]


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "where"),
    [
        ("wang", SAY, {"code": "deal"}, 422, "customer"),
        ("wang", SAY, {"code": "booked", "date": "2026-11-30", "plate": "沪A12345"}, 422, "code"),
        ("wang", SAY, {"code": "other", "note": "x" * 501}, 422, "body.note"),
        ("wang", SAY, {"code": "wrong", "agent": "102"}, 403, None),
        ("guest", SAY, {"code": "wrong"}, 403, None),
        ("boss", "/api/v1/calls/c-none/disposition", {"code": "wrong"}, 404, "call"),
    ],
)
def test_what_is_missing_is_named_and_who_may_not_does_not(
    client: TestClient, house: House, bearer: Bearer, who: str, path: str, body: dict[str, str], status: int, where: str
) -> None:
    answer = client.post(path, json=body, headers=bearer(who))
    assert (answer.status_code, answer.json().get("where")) == (status, where)
    assert house.log.facts(CallDisposed) == []


def test_they_are_counted_by_queue_and_agent_with_formulas(client: TestClient, house: House, bearer: Bearer) -> None:
    house.dispositions.counted = [
        Disposed("sales", "101", "deal", 3), Disposed("sales", "102", "wrong", 1), Disposed("sales", "101", "", 2)
    ]  # fmt: skip
    view = client.get("/api/v1/reports/dispositions", headers=bearer("boss")).json()
    assert set(view["formulas"]) == {"times", "share", "missing"}
    assert (view["total"]["given"], view["total"]["missing"]) == (4, 2)
    assert view["total"]["codes"] == [
        {"code": "deal", "times": 3, "share": 0.75}, {"code": "wrong", "times": 1, "share": 0.25}
    ]  # fmt: skip
    assert [(one["name"], one["given"], one["missing"]) for one in view["agents"]] == [("101", 3, 2), ("102", 1, 0)]
    text = client.get("/api/v1/reports/dispositions.csv", headers=bearer("boss")).content.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[1] == "全部 all,,deal,成交意向 Wants to buy,3,0.75"
    assert "坐席 agent,101,,漏填 missing,2," in lines
    assert client.get("/api/v1/reports/dispositions.xlsx", headers=bearer("boss")).content[:2] == b"PK"


def test_the_directory_names_the_codes(client: TestClient, bearer: Bearer) -> None:
    entries = client.get("/api/v1/directory", headers=bearer("wang")).json()["dispositions"]
    assert [entry["code"] for entry in entries] == ["deal", "booked", "wrong", "other", "later"]
    assert entries[1]["fields"] == ["date", "plate"]
