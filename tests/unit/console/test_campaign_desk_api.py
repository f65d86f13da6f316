"""Campaigns made and run over the API: who may, what is refused and how, what is shown to whom."""

from collections.abc import Callable
from typing import cast

import pytest
from fastapi.testclient import TestClient

from campaigns.plan_facts import CampaignRemoved
from tests.unit.console.campaigns_fake import FakeCampaigns
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
API = "/api/v1"
SPRING = {
    "values": {"name": "春季", "trunk": "carrier", "concurrency": 2, "hours": ["daily 09:00-20:00"], "record": True}
}


def test_a_campaign_is_made_changed_and_run(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    fake = cast("FakeCampaigns", house.deps.campaign_desk)
    assert [field["key"] for field in client.get(f"{API}/campaign-form", headers=boss).json()][:2] == ["name", "trunk"]
    wrong = {"values": {**SPRING["values"], "trunk": "carier"}}
    assert client.post(f"{API}/campaign-check", json=wrong, headers=boss).json()["faults"][0]["key"] == "trunk"
    refused = client.post(f"{API}/campaigns", json=wrong, headers=boss)
    assert refused.status_code == 422
    assert (refused.json()["where"], refused.json()["title"]) == ("trunk", "没有这条线路 / there is no trunk")
    made = client.post(f"{API}/campaigns", json=SPRING, headers=boss)
    assert made.status_code == 201 and made.json()["made_by"] == "boss"
    again = client.post(f"{API}/campaigns", json=SPRING, headers=boss)
    assert again.status_code == 409 and again.json()["title"].startswith("已有同名任务")
    more = {"values": {**SPRING["values"], "concurrency": 5}}
    assert client.put(f"{API}/campaigns/春季", json=more, headers=boss).json()["values"]["concurrency"] == 5
    stale = client.put(f"{API}/campaigns/春季", json={**more, "changed_at": 1.0}, headers=boss)
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:line400:problem:changed_since")
    assert stale.json()["title"].startswith("老李 已修改过")
    nameless = {"values": {key: value for key, value in more["values"].items() if key != "name"}}
    assert client.put(f"{API}/campaigns/return-visit-nov", json=nameless, headers=boss).status_code == 409
    assert client.put(f"{API}/campaigns/none", json=nameless, headers=boss).status_code == 404
    paused = client.post(f"{API}/campaigns/春季/pause", headers=boss)
    assert paused.status_code == 409 and "没有在进行" in paused.json()["title"]
    for what in ("start", "pause", "stop"):
        assert client.post(f"{API}/campaigns/春季/{what}", headers=boss).status_code == 204
    assert fake.ordered == [("春季", what, "boss") for what in ("start", "pause", "stop")]
    assert client.post(f"{API}/campaigns/none/start", headers=boss).status_code == 404
    plans = client.get(f"{API}/campaign-plans", headers=boss).json()
    assert [(plan["name"], plan["source"]) for plan in plans] == [("return-visit-nov", "config"), ("春季", "page")]


def test_one_that_was_made_by_mistake_is_removed(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    client.post(f"{API}/campaigns", json=SPRING, headers=boss)
    for who, status in (("wang", 403), ("guest", 403), ("boss", 204), ("boss", 404)):
        assert client.delete(f"{API}/campaigns/春季", headers=bearer(who)).status_code == status
    assert client.delete(f"{API}/campaigns/春季").status_code == 401
    assert cast("FakeCampaigns", house.deps.campaign_desk).ordered == [("春季", "remove", "boss")]
    refused = client.delete(f"{API}/campaigns/return-visit-nov", headers=boss)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:line400:problem:campaign_refused")
    assert refused.json()["title"].startswith("在配置文件里 / ")
    house.log.post("", CampaignRemoved("春季", "boss"))
    [told] = client.get(f"{API}/audit", headers=boss).json()
    assert (told["name"], told["data"]["by"]) == ("campaign.removed", "boss")


def test_only_supervisors_and_admins_change_anything(client: TestClient, bearer: SignIn, house: House) -> None:
    for who in ("wang", "guest"):
        headers = bearer(who)
        assert client.get(f"{API}/campaign-form", headers=headers).status_code == 403
        assert client.get(f"{API}/campaign-plans", headers=headers).status_code == 200
        for method, path in (
            ("POST", "campaigns"), ("PUT", "campaigns/return-visit-nov"), ("POST", "campaign-check"),
            ("POST", "campaigns/return-visit-nov/start"), ("POST", "campaigns/return-visit-nov/stop"),
        ):  # fmt: skip
            assert client.request(method, f"{API}/{path}", json=SPRING, headers=headers).status_code == 403
    assert client.post(f"{API}/campaigns", json=SPRING).status_code == 401
    assert cast("FakeCampaigns", house.deps.campaign_desk).ordered == []


def test_a_dry_run_masks_numbers_where_they_are_not_seen(client: TestClient, bearer: SignIn) -> None:
    path = f"{API}/campaigns/return-visit-nov/dry-run"
    seen = client.get(path, headers=bearer("boss")).json()
    assert (seen["pending"], seen["allowed"]) == (2, 1)
    assert seen["contacts"][0]["number"] == "+8613900001000"
    assert seen["waiting"][0]["zh"] == "今天对此客户的呼叫已达上限"
    assert "****" in client.get(path, headers=bearer("guest")).json()["contacts"][0]["number"]
    assert client.get(path, headers=bearer("wang")).status_code == 403
    assert client.get(f"{API}/campaigns/none/dry-run", headers=bearer("boss")).status_code == 404


def test_a_plan_has_bounds(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    for values in (
        {"name": "x" * 4001},
        {"hours": ["a"] * 51},
        {f"key{n}": 1 for n in range(61)},
        {"name": {"a": [1]}},
    ):
        assert client.post(f"{API}/campaign-check", json={"values": values}, headers=boss).status_code == 422


def test_the_report_comes_as_json_and_as_tables(client: TestClient, bearer: SignIn) -> None:
    path, boss = f"{API}/campaigns/return-visit-nov/report", bearer("boss")
    view = client.get(path, headers=boss).json()
    assert view["report"]["figures"]["attempts"] == 49
    assert view["formulas"]["connect_rate"]["formula_zh"] == "接通次数 ÷ 呼叫次数"
    assert view["report"]["results"][0]["key"] == "completed"
    stages = {stage["key"]: stage["share"]["hits"] for stage in view["conversion"]["stages"]}
    assert stages == {"dialled": 44, "reached": 25, "went_well": 23, "agreed": 6, "visited": 8, "bought": 2}
    week = client.get(f"{path}?days=7", headers=boss).json()["conversion"]
    assert (week["days"], week["stages"][4]["share"]["hits"], week["stages"][5]["share"]["hits"]) == (7, 3, 0)
    assert client.get(f"{path}?days=0", headers=boss).status_code == 422
    assert view["conversion_formulas"]["visited"]["formula_zh"] == "接通次日起 N 天内进店的人 ÷ 接通的人"
    assert view["effect"]["visited"]["difference"] == pytest.approx(0.12)
    assert view["report"]["came_of"]["codes"][0] == {"code": "deal", "times": 6, "share": 0.75}
    rows = client.get(f"{path}.csv?days=7", headers=boss).text.splitlines()
    assert any(row.startswith("转化 conversion（7 天 days）,进店 visited,3,25,0.12,") for row in rows), rows
    assert any(
        row.startswith("对照 effect 2026-11-02 – 2026-12-01,进店 visited：差 difference,,,0.12,") for row in rows
    )
    assert any(row.startswith("处理结果 disposition,deal,6,8,0.75,") for row in rows)
    assert sum(row.startswith("星期几点 hour of the week,") for row in rows) == len(view["report"]["week"]) == 2
    assert rows[0].lstrip("\ufeff").startswith("部分 part,项目 item")
    survey = "问卷 survey 服务回访 return_visit 5d1c0ffee123"
    assert any(row.startswith(f"{survey},nps NPS,24,,45.83,") for row in rows), rows
    assert any(row.startswith(f"{survey},nps 参评率 response rate,24,") for row in rows)
    assert any(row.startswith(f"{survey},quality 满意度 CSAT,") for row in rows)
    assert any(row.startswith("几点 hour,") for row in rows)
    assert client.get(f"{path}.xlsx", headers=boss).content[:2] == b"PK"
    assert client.get(f"{API}/campaigns/none/report", headers=boss).status_code == 404


def test_a_report_by_round_where_people_were_called_anew(client: TestClient, bearer: SignIn) -> None:
    path, boss = f"{API}/campaigns/tradein-2019/report", bearer("boss")
    whole, second = (client.get(f"{path}{asked}", headers=boss).json() for asked in ("", "?round=2"))
    assert (whole["chosen"], whole["rounds"], second["chosen"], second["rounds"]) == (0, 2, 2, 2)
    assert [view["report"]["figures"]["tried"] for view in (whole, second)] == [44, 7]
    assert whole["effect"] is not None and second["effect"] is None, "who is held out is in no round"
    refused = client.get(f"{path}?round=3", headers=boss)
    assert (refused.status_code, refused.json()["mend"]) == (404, "Take one of 1 to 2, or 0 for all rounds.")
    assert client.get(f"{path}.csv?round=3", headers=boss).status_code == 404
    assert client.get(f"{path}?round=-1", headers=boss).status_code == 422
    for asked, cell in (("", "全部 all"), ("?round=2", "2")):
        rows = client.get(f"{path}.csv{asked}", headers=boss).text.splitlines()
        assert rows[1].startswith(f"轮次 round,{cell},,2,"), rows[1]
    tried = [row for row in rows if row.startswith("总计 total,已拨人数 tried,7,")]
    assert len(tried) == 1 and not any(row.startswith("对照 effect") for row in rows)
    assert client.get(f"{path}.xlsx?round=2", headers=boss).content[:2] == b"PK"
    once = client.get(f"{API}/campaigns/return-visit-nov/report.csv", headers=boss).text
    assert "轮次 round" not in once, "there is but one"


def test_contacts_are_found_by_result_and_name(client: TestClient, bearer: SignIn) -> None:
    path, boss = f"{API}/campaigns/return-visit-nov/results", bearer("boss")
    assert {row["result"] for row in client.get(f"{path}?result=refused", headers=boss).json()} == {"refused"}
    assert [row["name"] for row in client.get(f"{path}?text=张静", headers=boss).json()] == ["张静"]
    assert "张静" in client.get(f"{path}.csv?text=张静", headers=boss).text
    assert client.get(f"{path}?state=gone", headers=boss).status_code == 422
    assert client.get(f"{API}/calls?campaign=return-visit-nov&attempted=none", headers=boss).status_code == 422
    found = client.get(f"{API}/calls?campaign=return-visit-nov&attempted=reached&hour=9&nth=1", headers=boss)
    assert found.status_code == 200


def test_a_table_stands_in_one_or_by_both_names_and_a_fault_names_its_key(
    client: TestClient, bearer: SignIn, house: House
) -> None:
    boss = bearer("boss")
    made = client.post(
        f"{API}/campaigns", json={"values": {**SPRING["values"], "retry": {"busy": "1 h", "attempts": 3}}}, headers=boss
    )
    assert made.status_code == 201, made.text
    assert (made.json()["values"]["retry.busy"], made.json()["values"]["retry.attempts"]) == ("1 h", 3)
    twice = {"values": {**SPRING["values"], "retry": {"busy": "1 h"}, "retry.busy": "2 h"}}
    refused = client.put(f"{API}/campaigns/春季", json=twice, headers=boss)
    assert (refused.status_code, refused.json()["where"]) == (422, "retry.busy")
    for wrong, where in (({"retry": {"busy": []}}, "body.values.retry"), ({"retry": None}, "body.values.retry")):
        refused = client.post(f"{API}/campaigns", json={"values": wrong}, headers=boss)
        assert (refused.status_code, refused.json()["where"]) == (422, where)
    assert client.post(f"{API}/campaigns", json={}, headers=boss).json()["where"] == "body.values"


def test_a_campaign_keeps_its_name(client: TestClient, bearer: SignIn, house: House) -> None:
    boss = bearer("boss")
    assert client.post(f"{API}/campaigns", json=SPRING, headers=boss).status_code == 201
    other = {"values": {**SPRING["values"], "name": "y"}}
    refused = client.put(f"{API}/campaigns/春季", json=other, headers=boss)
    assert (refused.status_code, refused.json()["where"]) == (422, "name")
    assert "名称不能修改" in refused.json()["title"]
