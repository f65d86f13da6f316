"""Surveys over the API: who may, what is refused and how, recordings handed over."""

import io
import wave
from collections.abc import Callable

from fastapi.testclient import TestClient

SignIn = Callable[[str], dict[str, str]]
API = "/api/v1"
HOW = {"name": "how", "kind": "scale", "text": "满意吗？", "low": 1, "high": 5}
END = {"name": "end", "kind": "hangup", "text": "再见。"}
PAPER = {"name": "新车主", "nodes": [HOW, END]}


def test_a_survey_is_written_changed_and_read(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    wrong = {**PAPER, "nodes": [{**HOW, "high": "five"}, END]}
    told = client.post(f"{API}/survey-check", params={"new": True}, json=wrong, headers=boss).json()
    assert [(one["node"], one["key"]) for one in told["faults"]] == [("how", "high")]
    refused = client.post(f"{API}/surveys", json=wrong, headers=boss)
    assert refused.status_code == 422 and refused.json()["where"] == "how.high"
    assert refused.json()["title"].startswith("上限要是整数")
    made = client.post(f"{API}/surveys", json=PAPER, headers=boss)
    assert made.status_code == 201 and (made.json()["number"], made.json()["source"]) == (1, "page")
    assert made.json()["nodes"][0] == HOW, "as it was written: nothing is added"
    assert client.post(f"{API}/surveys", json=PAPER, headers=boss).status_code == 409
    better = {**PAPER, "nodes": [{**HOW, "text": "满不满意？"}, END], "after": 1}
    changed = client.put(f"{API}/surveys/新车主", json=better, headers=boss).json()
    assert [one["number"] for one in changed["versions"]] == [2, 1]
    late = {**better, "nodes": [HOW, {**END, "text": "谢谢。"}]}
    slower = client.put(f"{API}/surveys/新车主", json=late, headers=boss)
    assert slower.status_code == 409 and slower.json()["title"].startswith("已被别人改成第 2 版")
    other = client.put(f"{API}/surveys/别的", json=better, headers=boss)
    assert other.status_code == 422 and other.json()["where"] == "name"
    assert client.get(f"{API}/surveys/新车主", params={"number": 1}, headers=boss).json()["nodes"][0] == HOW
    assert client.get(f"{API}/surveys/没有", headers=boss).status_code == 404
    choices = [{"name": "price", "text": "价格", "key": "１"}, {"name": "wait", "text": "等候", "key": "＃"}]
    typed = [
        {**HOW, "low": "１", "high": "１０", "branches": [{"from": "１", "to": "３", "goto": "what"}]},
        {"name": "what", "kind": "choice", "text": "哪里不好？", "choices": choices},
        END,
    ]
    wide = client.post(f"{API}/surveys", json={"name": "全角", "nodes": typed}, headers=boss).json()["nodes"]
    assert (wide[0]["low"], wide[0]["high"], wide[0]["branches"][0]["to"]) == (1, 10, 3)
    assert [one["key"] for one in wide[1]["choices"]] == ["1", "#"]
    client.delete(f"{API}/surveys/全角", headers=boss)
    listed = client.get(f"{API}/surveys", headers=boss).json()
    assert [(one["name"], one["source"], one["number"], one["spoken"]) for one in listed] == [
        ("新车主", "page", 2, False), ("after_sale", "shipped", 0, True), ("return_visit", "shipped", 0, True),
        ("service_due", "shipped", 0, True),
    ]  # fmt: skip
    assert listed[0]["used"] == [{"campaign": "spring", "by": "agents"}]


def test_a_survey_is_removed_unless_a_campaign_asks_it(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    for name in ("新车主", "旧的"):
        assert client.post(f"{API}/surveys", json={**PAPER, "name": name}, headers=boss).status_code == 201
    asked = client.delete(f"{API}/surveys/新车主", headers=boss)
    assert asked.status_code == 409 and "“spring”在用这份问卷" in asked.json()["title"]
    assert client.delete(f"{API}/surveys/旧的", headers=boss).status_code == 204
    assert client.delete(f"{API}/surveys/旧的", headers=boss).status_code == 404
    assert client.delete(f"{API}/surveys/return_visit", headers=boss).status_code == 409


def test_a_preview_follows_the_answers(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    nodes = [
        {**HOW, "branches": [{"from": 1, "to": 2, "goto": "sorry"}]},
        END,
        {**END, "name": "sorry", "text": "抱歉。"},
    ]
    shown = client.post(f"{API}/survey-preview", json={**PAPER, "nodes": nodes}, headers=boss).json()
    assert (shown["missing"], [one["zh"] for one in shown["said"]]) == (["how"], ["再见。"])
    low = client.post(f"{API}/survey-preview", json={**PAPER, "nodes": nodes, "answers": {"how": "2"}}, headers=boss)
    assert (low.json()["result"], [one["zh"] for one in low.json()["said"]]) == ("completed", ["抱歉。"])
    wrong = client.post(f"{API}/survey-preview", json={**PAPER, "nodes": [END]}, headers=boss)
    assert wrong.status_code == 422 and wrong.json()["title"].startswith("没有一个问题")


def test_a_recording_is_handed_over_and_heard(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes((b"\x00\x20" * 8 + b"\x00\xe0" * 8) * 1000)
    handed = client.post(f"{API}/survey-prompts", content=file.getvalue(), headers=boss)
    assert handed.status_code == 201 and handed.json()["seconds"] == 1.0
    name = handed.json()["name"]
    heard = client.get(f"{API}/survey-prompts/{name}.wav", headers=boss)
    assert heard.headers["content-type"] == "audio/wav" and len(heard.content) == 44 + 16_000
    assert client.get(f"{API}/survey-prompts/none.wav", headers=boss).status_code == 404
    told = client.post(f"{API}/survey-prompts", content=b"no sound", headers=boss)
    assert told.status_code == 422 and told.json()["title"].startswith("不是能播放的录音")
    assert client.post(f"{API}/survey-prompts", json={}, headers=boss).status_code == 415
    large = client.post(f"{API}/survey-prompts", content=bytes(12_000_001), headers=boss)
    assert large.status_code == 413 and large.json()["title"].startswith("录音文件超过 12 MB")


def test_only_supervisors_and_admins_see_and_write_surveys(client: TestClient, bearer: SignIn) -> None:
    for who in ("wang", "guest"):
        headers = bearer(who)
        for method, path in (
            ("GET", "surveys"), ("GET", "surveys/return_visit"), ("POST", "surveys"), ("POST", "survey-check"),
            ("POST", "survey-preview"), ("DELETE", "surveys/return_visit"), ("GET", "survey-prompts/beep.wav"),
        ):  # fmt: skip
            body = PAPER if method == "POST" else None
            assert client.request(method, f"{API}/{path}", json=body, headers=headers).status_code == 403, path
        assert client.post(f"{API}/survey-prompts", content=b"x", headers=headers).status_code == 403
        put = client.put(f"{API}/surveys/新车主", json={**PAPER, "after": 1}, headers=headers)
        assert put.status_code == 403
    assert client.get(f"{API}/surveys").status_code == 401


def test_what_is_no_survey_at_all_is_refused_at_its_place(client: TestClient, bearer: SignIn) -> None:
    boss = bearer("boss")
    for body, where in (
        ({"name": "x"}, "body.nodes"),
        ({"name": "", "nodes": []}, "body.name"),
        ({"name": "x", "nodes": [{"kind": "scale"}]}, "body.nodes.0.name"),
        ({"name": "x", "nodes": [{**HOW, "text": "长" * 1001}]}, "body.nodes.0.text"),
        ({"name": "x", "nodes": [HOW] * 201}, "body.nodes"),
    ):
        refused = client.post(f"{API}/surveys", json=body, headers=boss)
        assert (refused.status_code, refused.json()["where"]) == (422, where)
