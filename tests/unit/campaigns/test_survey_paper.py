"""A survey as people write it on the page: turned into what its file would say, and read by the reader of files."""

import json

import pytest

from campaigns.papers import Node, SurveyPaper
from campaigns.survey import SHIPPED, load_survey
from campaigns.survey_paper import MOST_NODES, PaperRemark, judge_paper, paper_of, unspoken, written
from ivr.flow import Menu, Question, Remark
from ivr.prompts import Prompts
from ivr.source import read_source

END: Node = {"name": "end", "kind": "hangup", "text": "再见。"}
SCALE: Node = {"name": "how", "kind": "scale", "text": "满意吗？", "low": 1, "high": 5}


def paper(*nodes: Node) -> SurveyPaper:
    return SurveyPaper("新车主", nodes)


@pytest.mark.parametrize("name", ["return_visit", "after_sale"])
def test_a_survey_of_a_file_is_the_same_as_a_paper(name: str) -> None:
    file = SHIPPED / f"{name}.toml"
    listed = paper_of(name, read_source(file).values)
    assert listed.nodes[0]["name"] == "may_i"
    judged = judge_paper(listed)
    assert (judged.faults, judged.warnings) == ((), ())
    assert judged.survey is not None and judged.survey.flow == load_survey(file).flow
    assert judge_paper(SurveyPaper(name, tuple(json.loads(json.dumps(listed.nodes))))) == judged, "over the API"


def test_what_merely_leads_to_the_next_is_not_said() -> None:
    nodes = {str(node["name"]): node for node in paper_of("x", read_source(SHIPPED / "return_visit.toml").values).nodes}
    assert "goto" not in nodes["quality"] and nodes["reason"]["goto"] == "end"
    assert "fallback" not in nodes["quality"], "whoever is silent goes to the end that says so"
    choices = nodes["may_i"]["choices"]
    assert isinstance(choices, list) and "goto" not in choices[0] and choices[1]["goto"] == "later"


def test_an_item_leads_to_the_next_unless_it_says_so() -> None:
    one = judge_paper(paper(SCALE, {"name": "why", "kind": "speech", "text": "为什么？"}, END)).survey
    assert one is not None
    how, why = one.flow.nodes["how"], one.flow.nodes["why"]
    assert isinstance(how, Question) and (how.goto, how.asking.fallback) == ("why", "why")
    assert isinstance(why, Remark) and why.goto == "end"
    assert one.questions == ("how", "why")


def test_who_does_not_answer_what_is_required_ends_as_no_reply() -> None:
    silent: Node = {"name": "silent", "kind": "hangup", "result": "no_reply"}
    left_out: Node = {**SCALE, "name": "maybe", "required": False}
    asks: Node = {
        "name": "may_i", "kind": "menu", "text": "方便吗？",
        "choices": [{"name": "yes", "key": "1", "text": "方便"}, {"name": "no", "key": "2", "goto": "end"}],
    }  # fmt: skip
    judged = judge_paper(paper(asks, SCALE, left_out, END, silent))
    assert judged.survey is not None and judged.warnings == ()
    nodes = judged.survey.flow.nodes
    assert isinstance(may_i := nodes["may_i"], Menu)
    assert [choice.goto for choice in may_i.choices] == ["how", "end"] and may_i.asking.fallback == "silent"
    assert isinstance(how := nodes["how"], Question) and how.asking.fallback == "silent"
    assert isinstance(maybe := nodes["maybe"], Question) and maybe.asking.fallback == "end"


def test_what_is_left_empty_on_the_page_is_left_out() -> None:
    blank = paper({**SCALE, "text_en": "", "goto": "", "fallback": ""}, {**END, "result": ""})
    assert judge_paper(blank) == judge_paper(paper(SCALE, END))
    choice: Node = {"name": "c", "kind": "choice", "text": "哪个？"}
    one = {**choice, "choices": [{"name": "a", "text": "甲", "goto": ""}, {"name": "b", "text": "乙", "text_en": ""}]}
    assert judge_paper(paper(one, END)).faults == ()


@pytest.mark.parametrize(
    ("nodes", "node", "key", "text"),
    [
        ([], "", "nodes", "add a question"),
        ([SCALE] * 2, "how", "name", "is there twice"),
        ([{**SCALE, "name": "a b"}, END], "a b", "name", "is no name"),
        ([{"kind": "scale"}, END], "None", "name", "is no name"),
        ([{**SCALE, "text": ""}, END], "how", "prompts", "say what is asked for"),
        ([{**SCALE, "high": 1}, END], "how", "high", "above low"),
        ([{**SCALE, "kind": "scala"}, END], "how", "kind", "did you mean scale"),
        ([{**SCALE, "goto": "nowhere"}, END], "how", "goto", "there is no node"),
        ([{**SCALE, "branches": [{"from": 1, "to": 9, "goto": "end"}]}, END], "how", "branches.0.to", "from 1 to 5"),
        ([{**SCALE, "low_score": 6}, END], "how", "low_score", "from 0 to 5"),
        ([{**SCALE, "lowest": 6}, END], "how", "lowest", "unknown key"),
        ([SCALE], "how", "", "goto is missing"),
        ([{**SCALE, "kind": "choice", "choices": ["a"]}], "how", "choices", "list of tables"),
        ([{"name": "c", "kind": "choice", "text": "?", "choices": [{"name": "a"}]}], "c", "choices.a", "neither"),
        ([SCALE, {**END, "result": "done"}], "end", "", "unknown; use completed"),
        ([END], "", "", "a survey needs a question"),
        ([{"name": "a", "kind": "play", "text": "!", "goto": "a"}, SCALE, END], "a", "", "endless loop"),
        ([{"name": f"n{at}", "kind": "play"} for at in range(MOST_NODES + 1)], "", "nodes", "more than 200"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_item(nodes: list[Node], node: str, key: str, text: str) -> None:
    judged = judge_paper(paper(*nodes))
    assert judged.survey is None
    found = [fault.text for fault in judged.faults if (fault.node, fault.key) == (node, key)]
    assert any(text in one for one in found), judged.faults


def test_a_round_without_an_end_is_a_fault() -> None:
    there: Node = {**SCALE, "name": "a", "goto": "b"}
    back: Node = {**SCALE, "name": "b", "goto": "a"}
    judged = judge_paper(paper(there, back, END))
    assert judged.survey is None and [fault.node for fault in judged.faults] == ["a", "b"]
    assert all("no end from here" in fault.text for fault in judged.faults)
    branched: Node = {**back, "branches": [{"from": 5, "to": 5, "goto": "end"}]}
    assert judge_paper(paper(there, branched, END)).faults == ()


def test_what_nothing_leads_to_is_a_warning() -> None:
    lost: Node = {**END, "name": "lost"}
    assert judge_paper(paper(SCALE, END, lost)).warnings == (PaperRemark("lost", "", "nothing leads here"),)


def test_each_wording_is_a_version_of_its_own() -> None:
    first, again = judge_paper(paper(SCALE, END)).survey, judge_paper(paper(dict(SCALE), dict(END))).survey
    other = judge_paper(paper({**SCALE, "text": "满意不满意？"}, END)).survey
    assert first is not None and again is not None and other is not None
    assert first.version == again.version != other.version
    named = judge_paper(SurveyPaper("另一份", (SCALE, END))).survey
    assert named is not None and named.version != first.version, "answers to two surveys are not counted together"


def test_a_voice_needs_a_recording_of_whatever_is_said() -> None:
    known = Prompts().names()
    says: Node = {"name": "hello", "kind": "play", "text": "您好。"}
    silent: Node = {"name": "silent", "kind": "hangup", "result": "no_reply"}
    mute = judge_paper(paper(says, SCALE, END, silent)).survey
    assert mute is not None and unspoken(mute.flow, known) == [("hello", ()), ("how", ()), ("end", ())]
    told: list[Node] = [{**node, "prompts": ["survey_end"]} for node in (says, SCALE, {**END, "prompts": ["none"]})]
    told[2] = {**told[2], "prompts": ["none_such"]}
    spoken = judge_paper(paper(*told, silent)).survey
    assert spoken is not None and unspoken(spoken.flow, known) == [("end", ("none_such",))]


def test_a_paper_is_written_as_its_file_would_say_it() -> None:
    assert written(paper(SCALE, END)) == {
        "name": "新车主",
        "start": "how",
        "nodes": {
            "how": {"kind": "scale", "text": "满意吗？", "low": 1, "high": 5, "goto": "end", "fallback": "end"},
            "end": {"kind": "hangup", "text": "再见。"},
        },
    }
