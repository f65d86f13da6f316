"""Refusals, do-not-call lists, consents and the reasons of decisions over the API."""

import csv
import io
from collections.abc import Callable

from fastapi.testclient import TestClient

from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
NUMBER = "+8613800138000"
API = "/api/v1/calling"


def test_why_a_contact_is_called_or_not(client: TestClient, bearer: SignIn) -> None:
    found = client.get("/api/v1/campaigns/return-visit-nov/contacts/1/why", headers=bearer("boss")).json()
    assert (found["now"]["rule"], found["now"]["zh"]) == ("person_day", "今天对此客户的呼叫已达上限")
    assert [one["decision"]["allowed"] for one in found["decided"]] == [False, True]
    assert found["number"] == "+8613900001000"
    assert (found["left"], found["results"], found["next_number"]) == (2, ["no_answer"], "+8613900001001")
    assert (found["place"], found["region"]) == ("新疆乌鲁木齐市", "西部")
    agent = client.get("/api/v1/campaigns/return-visit-nov/contacts/1/why", headers=bearer("wang")).json()
    assert (agent["number"], agent["next_number"]) == ("+86139****1000", "+86139****1001")
    assert client.get("/api/v1/campaigns/x/contacts/99/why", headers=bearer("boss")).status_code == 404
    assert client.get("/api/v1/campaigns/x/contacts/1/why").status_code == 401


def test_an_agent_says_it_of_a_call_and_a_supervisor_takes_it_back(
    client: TestClient, bearer: SignIn, house: House
) -> None:
    agent, boss = bearer("wang"), bearer("boss")
    said = {"call_id": day.STAR, "note": " 别再打了 "}
    assert client.post(f"{API}/refusals", json=said, headers=agent).status_code == 204
    [bar] = house.calling.kept
    star = next(row for row in house.store.rows if row.id == day.STAR)
    assert (bar.number, bar.kind, bar.how, bar.by, bar.note) == (star.ani, "refused", "agent", "wang", "别再打了")
    assert client.post(f"{API}/refusals", json={"number": NUMBER}, headers=agent).status_code == 403, "by number: no"
    assert client.post(f"{API}/refusals", json={"call_id": "c-none"}, headers=agent).status_code == 404
    assert client.post(f"{API}/refusals", json={"number": "abc"}, headers=boss).status_code == 422
    freeing = {"number": star.ani, "kind": "refused", "why": "客户来电要求恢复"}
    assert client.post(f"{API}/bars/free", json=freeing, headers=agent).status_code == 403
    assert client.post(f"{API}/bars/free", json={**freeing, "why": ""}, headers=boss).status_code == 422
    assert client.post(f"{API}/bars/free", json=freeing, headers=boss).status_code == 204
    assert client.post(f"{API}/bars/free", json=freeing, headers=boss).status_code == 409
    page = client.get(f"{API}/bars", headers=boss).json()
    assert page == {"items": [], "total": 0}
    assert client.get(f"{API}/bars?held=false", headers=boss).json()["items"][0]["freed_by"] == "boss"


def test_a_list_goes_in_and_comes_out(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    wanted = {"numbers": ["138 0013 8000", NUMBER, "021-5555 0100", "nobody"], "note": "list.csv"}
    assert client.post(f"{API}/bars/import", json=wanted, headers=bearer("wang")).status_code == 403
    assert client.post(f"{API}/bars/import", json={"numbers": []}, headers=boss).status_code == 422
    assert client.post(f"{API}/bars/import", json={"numbers": ["1"] * 1001}, headers=boss).status_code == 422
    taken = client.post(f"{API}/bars/import", json=wanted, headers=boss).json()
    assert taken == {"added": 2, "known": 1, "rejected": ["nobody"]}
    assert client.get(f"{API}/bars", headers=bearer("wang")).status_code == 403
    guest = client.get(f"{API}/bars", headers=bearer("guest")).json()
    assert {item["number"] for item in guest["items"]} == {"+86138****8000", "+8621****0100"}
    found = client.get(f"{API}/bars?number=13800138000", headers=boss).json()
    assert [item["number"] for item in found["items"]] == [NUMBER]
    assert client.get(f"{API}/bars.csv", headers=bearer("guest")).status_code == 403
    sheet = client.get(f"{API}/bars.csv", headers=boss)
    assert sheet.headers["content-disposition"] == 'attachment; filename="do-not-call.csv"'
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[0][0] == "号码 number" and {row[0] for row in rows[1:]} == {NUMBER, "+862155550100"}
    again = {"numbers": [row[0] for row in rows[1:]]}
    assert client.post(f"{API}/bars/import", json=again, headers=boss).json()["added"] == 0
    assert client.get(f"{API}/bars.xlsx", headers=boss).content[:2] == b"PK"


def test_what_is_not_called_goes_back_in_as_it_came_out(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    said = {"number": NUMBER, "note": "别再打了"}
    assert client.post(f"{API}/refusals", json=said, headers=boss).status_code == 204
    assert client.post(f"{API}/bars/import", json={"numbers": ["021-5555 0100"]}, headers=boss).status_code == 200
    bars = client.get(f"{API}/bars", headers=boss).json()["items"]
    again = client.post(f"{API}/bars/import", json={"bars": bars}, headers=boss).json()
    assert again == {"added": 0, "known": 2, "rejected": []} and len(house.calling.kept) == 2
    house.calling.kept.clear()  # another system
    wanted = {"numbers": ["13900139000"], "bars": [*bars, {"number": "nobody", "kind": "refused"}, bars[0]]}
    there = client.post(f"{API}/bars/import", json=wanted, headers=boss).json()
    assert there == {"added": 3, "known": 1, "rejected": ["nobody"]}
    kinds = {bar.number: bar.kind for bar in house.calling.kept}
    assert kinds == {NUMBER: "refused", "+862155550100": "listed", "+8613900139000": "listed"}
    many = {"numbers": [NUMBER] * 600, "bars": bars * 300}
    for wrong in (many, {"bars": []}, {"bars": [{"number": NUMBER, "kind": "sold"}]}, {"bars": [{"number": NUMBER}]}):
        assert client.post(f"{API}/bars/import", json=wrong, headers=boss).status_code == 422


def test_consents_have_their_evidence(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    wanted = {
        "number": "13800138000",
        "purpose": "promotion",
        "how": "written",
        "evidence": "合同 7，档案柜 3",
        "given_at": day.NOW - 86_400,
    }
    assert client.post(f"{API}/consents", json=wanted, headers=bearer("wang")).status_code == 403
    assert client.post(f"{API}/consents", json={**wanted, "evidence": ""}, headers=boss).status_code == 422
    for how, evidence in (
        ("spoken", "他说可以"),
        ("spoken", "c-none"),
        ("written", "有。"),
        ("online", "  x  "),
        ("agent", "c-none"),
    ):
        told = client.post(f"{API}/consents", json={**wanted, "how": how, "evidence": evidence}, headers=boss)
        assert told.status_code == 422, evidence
        assert "r-…" in told.text and "evidence" in told.text
    ahead = {**wanted, "given_at": day.NOW + 86_400}
    assert client.post(f"{API}/consents", json=ahead, headers=boss).status_code == 422
    assert client.post(f"{API}/consents", json={**wanted, "evidence": "r-gone"}, headers=boss).status_code == 409
    assert client.post(f"{API}/consents", json=wanted, headers=boss).status_code == 204
    [kept] = client.get(f"{API}/consents?number={NUMBER[3:]}", headers=boss).json()
    assert (kept["number"], kept["purpose"], kept["by"], kept["evidence"]) == (
        NUMBER, "promotion", "boss", "合同 7，档案柜 3",
    )  # fmt: skip
    assert client.get(f"{API}/consents", headers=bearer("guest")).json()[0]["number"] == "+86138****8000"
    [call] = client.get("/api/v1/calls?limit=1", headers=boss).json()["items"]
    for evidence in (call["id"], "r-1"):
        spoken = {**wanted, "number": "13900139000", "how": "spoken", "evidence": evidence}
        assert client.post(f"{API}/consents", json=spoken, headers=boss).status_code == 204
    back = {"number": NUMBER, "why": "客户撤回"}
    assert client.post(f"{API}/consents/withdraw", json=back, headers=boss).status_code == 204
    assert client.post(f"{API}/consents/withdraw", json=back, headers=boss).status_code == 409


def test_an_id_that_no_row_can_have_is_refused(client: TestClient, bearer: SignIn) -> None:
    boss, contacts, beyond = bearer("boss"), "/api/v1/campaigns/visits/contacts", 2**63
    promise, share = {"call_at": day.NOW + 3600}, {"weight": 1}
    told = [
        client.get(f"{contacts}/{beyond}/why", headers=boss),
        client.get(f"{contacts}/{beyond}/records", headers=boss),
        client.post(f"{contacts}/{beyond}/promise", json=promise, headers=boss),
        client.put(f"/api/v1/campaigns/visits/lists/{beyond}", json=share, headers=boss),
        client.get(f"{contacts}/-1/why", headers=boss),
    ]
    assert [one.status_code for one in told] == [422] * 5 and "path.contact" in told[0].text
    assert client.get(f"{contacts}/{beyond - 1}/why", headers=boss).status_code == 404


def test_every_number_in_a_path_has_bounds(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    found = [
        (path, each["schema"])
        for path, ways in paths.items()
        for way in ways.values()
        for each in way.get("parameters", ())
        if each["in"] == "path" and each["schema"].get("type") == "integer"
    ]
    assert len(found) >= 4 and all({"minimum", "maximum"} <= schema.keys() for _, schema in found), found


def test_a_contact_is_promised_a_call(client: TestClient, bearer: SignIn, house: House) -> None:
    path, agent, boss = "/api/v1/campaigns/visits/contacts/1/promise", bearer("wang"), bearer("boss")
    at = day.NOW + 3600
    kept = client.post(path, json={"call_at": at, "note": " 下午三点 "}, headers=agent)
    assert (kept.status_code, kept.json()) == (
        200, {"call_at": at, "first_at": at, "rule": "", "zh": "", "en": ""},
    )  # fmt: skip
    assert client.post(path, json={"call_at": at, "agent": "102"}, headers=agent).status_code == 403
    assert client.post(path, json={"call_at": at, "agent": "102"}, headers=boss).status_code == 200
    assert client.post(path, json={"call_at": at, "agent": "999"}, headers=boss).status_code == 422
    house.calling.opens_at = day.NOW + 46_000
    late = client.post(path, json={"call_at": at}, headers=boss).json()
    assert (late["call_at"], late["first_at"], late["rule"]) == (at, day.NOW + 46_000, "list_hours")
    assert late["zh"] == "不在本任务的呼叫时段" and late["en"] == "outside the campaign's calling hours"
    for wrong in (day.NOW - 3600, day.NOW + 91 * 86_400):
        assert client.post(path, json={"call_at": wrong}, headers=boss).status_code == 422
    assert client.post(path.replace("/1/", "/99/"), json={"call_at": at}, headers=boss).status_code == 404
    assert client.post(path, json={"call_at": at}).status_code == 401
    said = [(one.campaign, one.contact, one.call_at, one.agent, one.by, one.note) for one in house.calling.promised]
    assert said[:3] == [
        ("visits", 1, at, "101", "wang", "下午三点"), ("visits", 1, at, "102", "boss", ""),
        ("visits", 1, at, "", "boss", ""),
    ]  # fmt: skip


def test_lists_share_a_campaign(client: TestClient, bearer: SignIn) -> None:
    path, boss = "/api/v1/campaigns/visits/lists", bearer("boss")
    [one] = client.get(path, headers=bearer("wang")).json()
    assert (one["list"], one["rows"], one["weight"], one["quota"], one["completed"]) == (1, 120, 1, 0, 17)
    wanted = {"weight": 3, "quota": 200}
    assert client.put(f"{path}/1", json=wanted, headers=boss).status_code == 204
    assert client.get(path, headers=boss).json()[0]["weight"] == 3
    assert client.put(f"{path}/2", json=wanted, headers=boss).status_code == 404
    assert client.put(f"{path}/1", json=wanted, headers=bearer("wang")).status_code == 403
    assert client.put(f"{path}/1", json={"weight": 0}, headers=boss).status_code == 422
