"""Forms over HTTP: who sees them, who answers, and how it is said what cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from campaigns.agent_form import checked, off_the_way, state_of
from campaigns.script import Script
from campaigns.survey import find_survey
from console.app import create_app
from console.form_shapes import form_view
from console.form_views import FormView
from core.errors import LocalProtocolError
from ivr.form import Given
from store.call_forms import FormCall
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, House

Bearer = Callable[[str], dict[str, str]]
FORM = f"/api/v1/calls/{day.STAR}/form"
ANSWERS = f"/api/v1/calls/{day.STAR}/answers"
SCRIPT = Script(
    "# 开场\n您好，请问是{name}吗？我是客户服务中心的。\n- 不方便：约时间再打\n- 说到投诉：转投诉专线",
    "Hello, is that {name}?",
)


class FakeForms:
    """The form of one call of agent 101, over the survey that is shipped."""

    def __init__(self) -> None:
        self.survey = find_survey("return_visit")
        self.answers: dict[str, Given] = {}
        self.said: list[tuple[str, ...]] = []
        self.closed = False

    async def of(self, call_id: str) -> FormView | None:
        if call_id != day.STAR:
            return None
        call = FormCall(
            call_id, "a-1", "spring", 7, "+8613800138000", "王先生", {}, "", False, None, frozenset({"101"}), {}
        )
        return form_view(call, SCRIPT, self.survey, state_of(self.survey, self.answers), None)

    async def answer(self, agent: str, call_id: str, question: str, said: str, by: str) -> FormView | None:
        if self.closed:
            raise LocalProtocolError("通话早已结束 / the call was over long ago")
        self.answers[question] = checked(state_of(self.survey, self.answers), question, said)
        for name in off_the_way(self.survey, self.answers):
            del self.answers[name]
        self.said.append((agent, question, said, by))
        return await self.of(call_id)

    async def take_back(self, agent: str, call_id: str, question: str) -> FormView | None:
        self.answers.pop(question, None)
        return await self.of(call_id)


@pytest.fixture
def forms() -> FakeForms:
    return FakeForms()


@pytest.fixture
def client(house: House, forms: FakeForms) -> Iterator[TestClient]:
    with TestClient(create_app(replace(house.deps, forms=forms)), base_url="http://127.0.0.1:8400") as client:
        yield client


def test_the_agent_reads_answers_changes_and_takes_back(client: TestClient, forms: FakeForms, bearer: Bearer) -> None:
    wang = bearer("wang")
    view = client.get(FORM, headers=wang).json()
    assert view["script"][1] == {"kind": "paragraph", "text": "您好，请问是王先生吗？我是客户服务中心的。"}
    assert [it["name"] for it in view["questions"]] == ["may_i", "quality", "nps", "reason"]
    assert view["missing"] == ["quality", "nps"]
    view = client.post(ANSWERS, json={"question": "nps", "answer": "3"}, headers=wang).json()
    assert [it["name"] for it in view["questions"]][-1] == "reason_of_low" and view["result"] == "partial"
    view = client.post(ANSWERS, json={"question": "nps", "answer": "9"}, headers=wang).json()
    assert view["questions"][2]["value"] == "9"
    assert forms.said == [("101", "nps", "3", "wang"), ("101", "nps", "9", "wang")]
    view = client.delete(f"{ANSWERS}/nps", headers=wang).json()
    assert (view["result"], view["questions"][2]["answered"]) == ("", False)


def test_others_look_but_do_not_answer(client: TestClient, forms: FakeForms, bearer: Bearer) -> None:
    body = {"question": "nps", "answer": "9"}
    for who in ("boss", "chief", "guest"):
        headers = bearer(who)
        assert client.get(FORM, headers=headers).status_code == 200
        refused = client.post(ANSWERS, json=body, headers=headers)
        assert refused.status_code == 403 and refused.json()["type"].endswith("own_call_only")
        assert client.delete(f"{ANSWERS}/nps", headers=headers).status_code == 403
    assert forms.said == []
    assert client.get(FORM).status_code == 401


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"question": "nps", "answer": "11"}, "answer"),
        ({"question": "reason_of_low", "answer": "慢"}, "question"),
        ({"question": "gone", "answer": "1"}, "question"),
        ({"question": "nps"}, "body.answer"),
        ({"question": "", "answer": "1"}, "body.question"),
        ({"question": "reason", "answer": "长" * 2001}, "body.answer"),
    ],
)
def test_what_is_wrong_is_named(
    client: TestClient, forms: FakeForms, bearer: Bearer, body: dict[str, str], where: str
) -> None:
    answer = client.post(ANSWERS, json=body, headers=bearer("wang"))
    assert (answer.status_code, answer.json()["where"]) == (422, where)
    assert not answer.json()["title"].startswith(f"{where}: ")
    assert forms.said == []


def test_a_call_long_over_and_one_without_a_form(client: TestClient, forms: FakeForms, bearer: Bearer) -> None:
    wang, body = bearer("wang"), {"question": "nps", "answer": "9"}
    forms.closed = True
    late = client.post(ANSWERS, json=body, headers=wang)
    assert late.status_code == 409 and late.json()["title"].startswith("通话早已结束")
    assert client.get("/api/v1/calls/c-none/form", headers=wang).json() is None
    assert client.post("/api/v1/calls/c-none/answers", json=body, headers=wang).status_code == 404


def test_a_house_without_forms(house: House) -> None:
    with TestClient(create_app(house.deps), base_url="http://127.0.0.1:8400") as client:
        who = client.post("/api/v1/session", json={"name": "wang", "password": PASSWORD}).json()
        assert client.get(FORM).json() is None
        answer = client.post(ANSWERS, json={"question": "nps", "answer": "9"}, headers={"X-CSRF-Token": who["csrf"]})
        assert answer.status_code == 503
