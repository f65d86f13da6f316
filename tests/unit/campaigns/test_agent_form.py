"""A survey filled in by an agent: what is asked after which answers, what is missing, and what comes of it."""

import pytest

from campaigns.agent_form import barring, checked, known_answers, off_the_way, state_of
from campaigns.attempt import Result
from campaigns.papers import SurveyPaper
from campaigns.survey import find_survey
from campaigns.survey_paper import judge_paper
from core.errors import ParseError
from ivr.flow import Kind
from ivr.form import Given

SURVEY = find_survey("return_visit")


def given(**answers: str) -> dict[str, Given]:
    spoken = {"reason", "reason_of_low"}
    return {name: Given("", text) if name in spoken else Given(text) for name, text in answers.items()}


def asked(**answers: str) -> list[str]:
    return [one.question.name for one in state_of(SURVEY, given(**answers)).asked]


def test_before_any_answer_the_usual_way_is_shown() -> None:
    state = state_of(SURVEY, {})
    assert [one.question.name for one in state.asked] == ["may_i", "quality", "nps", "reason"]
    assert [one.needed for one in state.asked] == [False, True, True, False]
    assert (state.missing, state.result) == (("quality", "nps"), None)
    assert state.asked[2].question.kind is Kind.NPS and "推荐" in state.asked[2].question.words.zh
    assert "感谢" in state.said[-1].zh


def test_answers_lead_the_way() -> None:
    assert asked(nps="6") == ["may_i", "quality", "nps", "reason_of_low"]
    assert asked(nps="7") == ["may_i", "quality", "nps", "reason"]
    assert asked(may_i="no") == ["may_i"]
    assert off_the_way(SURVEY, given(quality="4", nps="9", reason_of_low="慢")) == ["reason_of_low"]
    assert set(off_the_way(SURVEY, given(quality="4", may_i="no"))) == {"quality"}


@pytest.mark.parametrize(
    ("answers", "result", "missing"),
    [
        ({"may_i": "yes"}, None, ("quality", "nps")),
        ({"reason": "都好"}, None, ("quality", "nps")),
        ({"quality": "4"}, Result.PARTIAL, ("nps",)),
        ({"quality": "4", "nps": "9"}, Result.COMPLETED, ()),
        ({"quality": "1", "nps": "2", "reason_of_low": "等太久"}, Result.COMPLETED, ()),
        ({"may_i": "no"}, Result.REFUSED, ()),
        ({"may_i": "never"}, Result.REFUSED, ()),
    ],
)
def test_what_comes_of_it(answers: dict[str, str], result: Result | None, missing: tuple[str, ...]) -> None:
    state = state_of(SURVEY, given(**answers))
    assert (state.result, state.missing) == (result, missing)
    assert state.bars is (answers.get("may_i") == "never")


def test_which_choice_bars_him() -> None:
    asked_first = state_of(SURVEY, {}).asked[0].question
    assert barring(SURVEY, asked_first) == {"never"}
    assert barring(SURVEY, state_of(SURVEY, {}).asked[1].question) == frozenset()


def test_answers_are_checked_by_the_form() -> None:
    state = state_of(SURVEY, {})
    assert checked(state, "nps", " １０ ") == Given("10")
    assert checked(state, "reason", " 服务好 ") == Given("", "服务好")
    for question, said, where in (
        ("nps", "11", "answer"), ("nps", "好", "answer"), ("quality", "0", "answer"), ("may_i", "maybe", "answer"),
        ("gone", "1", "question"), ("reason_of_low", "慢", "question"), ("end", "1", "question"),
    ):  # fmt: skip
        with pytest.raises(ParseError) as error:
            checked(state, question, said)
        assert error.value.where == where and " / " in str(error.value)


def test_answers_to_another_version_that_are_none_now_do_not_count() -> None:
    kept = {**given(quality="4", reason="慢"), "nps": Given("12"), "gone": Given("1")}
    assert known_answers(SURVEY, kept) == given(quality="4", reason="慢")


def test_a_form_is_filled_in_without_what_may_be_left_out() -> None:
    nodes = (
        {"name": "how", "kind": "nps", "text": "推荐吗？", "required": False},
        {"name": "why", "kind": "speech", "text": "为什么？", "required": True},
        {"name": "end", "kind": "hangup"},
    )
    survey = judge_paper(SurveyPaper("x", nodes)).survey
    assert survey is not None
    assert state_of(survey, {}).missing == ("why",)
    assert state_of(survey, {"why": Given("", "快")}).result is Result.COMPLETED
    assert state_of(survey, {"how": Given("9")}).result is None, "nothing of weight was answered yet"
