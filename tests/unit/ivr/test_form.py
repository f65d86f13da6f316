"""Forms: questions of every kind, what is an answer to each, by whomever it is asked, and what comes next."""

from pathlib import Path

import pytest

from campaigns.survey import find_survey
from core.errors import ConfigError
from ivr.answers import Again, Chosen, MoreDigits, Number, Wrong, expected, of_key, of_speech, takes_speech
from ivr.check import House, check_flow
from ivr.flow import Flow, Kind, Menu, Question, Remark, Words
from ivr.form import (
    MAX_TEXT,
    FormQuestion,
    Given,
    Turn,
    Unfit,
    check_answer,
    first_turn,
    form_questions,
    next_turn,
)
from ivr.load import load_flow, read_flow
from ivr.prompts import Prompts

AFTER_SALE = find_survey("after_sale").flow
BY_HAND = """\
start = "hello"

[nodes.hello]
kind = "play"
text = "您好"
goto = "how"

[nodes.how]
kind = "choice"
text = "您怎么来的？"
text_en = "How did you come?"
goto = "times"
fallback = "bye"
choices.car = { text = "开车", key = 1 }
choices.bus = { text = "坐车", key = 2, goto = "why" }

[nodes.times]
kind = "number"
text = "来过几次？"
unit = "次"
high = 50
goto = "why"
fallback = "bye"
branches = [{ from = 0, to = 0, goto = "bye" }]

[nodes.why]
kind = "speech"
text = "为什么？"
goto = "bye"
silent = "please"
branches = [{ phrases = ["投诉", "不满意"], goto = "sorry" }]

[nodes.please]
kind = "speech"
text = "请说一说。"
goto = "bye"

[nodes.sorry]
kind = "hangup"
text = "抱歉"

[nodes.bye]
kind = "hangup"
result = "completed"
"""


def by_hand(folder: Path, text: str = BY_HAND) -> Flow:
    path = folder / "form.toml"
    path.write_text(text, encoding="utf-8")
    return load_flow(path)


def question(name: str, flow: Flow = AFTER_SALE) -> FormQuestion:
    return next(it for it in form_questions(flow) if it.name == name)


def test_the_shipped_form_asks_in_every_kind() -> None:
    counted = [it for it in form_questions(AFTER_SALE) if it.counts]
    assert {it.kind for it in counted} == set(Kind)
    assert all(it.words.zh and it.words.en for it in form_questions(AFTER_SALE))
    assert not question("may_i").counts, "it only leads the way"
    assert question("km").unit == Words("公里", "km")
    assert [(it.value, it.words.zh) for it in question("explained").options] == [("yes", "有"), ("no", "没有")]


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        ("explained", "yes", "yes"), ("explained", "是", None), ("delivery", "5", "5"), ("delivery", "6", None),
        ("delivery", "０5", "5"), ("delivery", "", None), ("delivery", "4.5", None), ("why", "price", "price"),
        ("why", "", None), ("km", "35000", "35000"), ("km", "35,000", "35000"), ("km", "600000", None),
        ("km", "-1", None), ("km", "3 5", None), ("nps", "10", "10"), ("nps", "11", None), ("nps", "9" * 5000, None),
    ],
)  # fmt: skip
def test_an_answer_is_taken_or_it_is_said_what_would_be_one(name: str, said: str, kept: str | None) -> None:
    given = check_answer(question(name), said)
    if kept is None:
        assert isinstance(given, Unfit)
        assert given.zh and given.en.startswith("must be")
    else:
        assert given == Given(kept)


def test_what_is_said_freely_is_kept_as_text() -> None:
    assert check_answer(question("reason"), " 很好，谢谢 ") == Given("", "很好，谢谢")
    assert check_answer(question("reason"), "") == Given("")
    assert isinstance(check_answer(question("reason"), "好" * (MAX_TEXT + 1)), Unfit)


def test_every_kind_branches(tmp_path: Path) -> None:
    def after(name: str, *given: Given) -> list[str]:
        turns = [next_turn(AFTER_SALE, name, it).question for it in given]
        return [turn.name if turn is not None else "" for turn in turns]

    assert after("explained", Given("yes"), Given("no")) == ["delivery", "explain_again"]
    assert after("why", Given("room"), Given("other")) == ["km", "why_other"]
    assert after("km", Given("4999"), Given("5000")) == ["nps", "serviced"]
    assert after("nps", Given("6"), Given("7")) == ["reason_of_low", "reason"]
    assert after("may_i", Given("no")) == [""]
    flow = by_hand(tmp_path)
    begun = first_turn(flow)
    assert (begun.said, begun.question) == ((Words("您好"),), question("how", flow))
    assert next_turn(flow, "why", Given("", "我要投诉你们")) == Turn((Words("抱歉"),), None)
    assert next_turn(flow, "why", Given("", "都很好")) == Turn((), None, "completed")
    asked = next_turn(flow, "why", Given("")).question
    assert asked is not None and asked.name == "please"
    with pytest.raises(KeyError):
        next_turn(flow, "bye", Given(""))


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("explained", "讲了", "yes"), ("explained", "有的", "yes"), ("explained", "没有", "no"),
        ("explained", "对", "yes"),
        ("explained", "没有讲", "no"), ("explained", "不记得了", None), ("serviced", "还没有", "no"),
        ("why", "第二个", "looks"), ("why", "售后服务", "service"), ("why", "二", "looks"), ("why", "按四", "service"),
        ("why", "最后一个", "other"), ("why", "空间比较大", "room"), ("why", "不是价格", None), ("why", "天气", None),
        ("km", "三万五千公里", "35000"), ("km", "六十二", "62"), ("km", "刚提的车", None), ("km", "六十万公里", None),
        ("delivery", "非常满意", "5"), ("delivery", "打个四分", "4"), ("nps", "十分", "10"), ("nps", "八分吧", "8"),
        ("nps", "打个九分", "9"), ("may_i", "可以，你问吧。", "yes"), ("may_i", "第一个", None),
    ],
)  # fmt: skip
def test_speech_at_each_kind(name: str, said: str, value: str | None) -> None:
    node = AFTER_SALE.nodes[name]
    assert isinstance(node, Menu | Question)
    assert takes_speech(node)
    match of_speech(node, said):
        case Chosen(choice):
            assert choice.name == value
        case Number(number):
            assert str(number) == value
        case other:
            assert other == Wrong() and value is None


YES_NO = """\
start = "told"

[nodes.told]
kind = "yes_no"
prompts = ["survey_quality"]
yes_phrases = ["有讲"]
goto = "bye"
fallback = "bye"

[nodes.bye]
kind = "hangup"
"""


def test_yes_and_no_that_sound_alike_are_asked_again(tmp_path: Path) -> None:
    """没有讲 is one syllable of three away from 有讲, and no phrase of the file says no."""
    node = by_hand(tmp_path, YES_NO).nodes["told"]
    assert isinstance(node, Menu)
    assert of_speech(node, "没有讲") == Wrong()
    assert of_speech(node, "有讲") == Chosen(node.choices[0])
    assert of_speech(node, "没有") == Chosen(node.choices[1])


def test_keys_at_each_kind() -> None:
    nodes = AFTER_SALE.nodes
    km, why, told = nodes["km"], nodes["why"], nodes["explained"]
    assert isinstance(km, Question) and isinstance(why, Menu) and isinstance(told, Menu)
    assert of_key(km, "3500", "0") == MoreDigits("35000")
    assert of_key(km, "35000", "#") == Number(35000)
    assert of_key(km, "50000", "1") == Wrong(), "beyond 500,000"
    assert of_key(km, "", "0") == Number(0)
    assert of_key(why, "", "2") == Chosen(why.choices[1])
    assert of_key(why, "", "6") == Wrong()
    assert of_key(told, "", "1") == Chosen(told.choices[0])
    assert of_key(told, "", "3") == Wrong()


@pytest.mark.parametrize("name", ["explained", "why", "delivery", "km", "nps"])
def test_every_question_can_be_heard_again(name: str) -> None:
    node = _asked(name)
    for said in ("再说一遍", "不好意思，没听清楚", "您说什么？"):
        assert of_speech(node, said) == Again(), said
    assert of_key(node, "", "*") == Again()


def test_what_a_recogniser_expects() -> None:
    assert expected(_asked("explained"))[-6:] == ("是的", "不是", "有", "没有", "对", "不对")
    assert {"价格", "售后服务", "再说一遍"} <= set(expected(_asked("why")))
    assert expected(_asked("km"))[-1] == "公里"


def _asked(name: str) -> Menu | Question:
    node = AFTER_SALE.nodes[name]
    assert isinstance(node, Menu | Question)
    return node


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("high = 50", "", "form.toml:17: nodes.times: high is missing; give a whole number from 0 to 9999999"),
        ("from = 0, to = 0", "from = 0, to = 60", "nodes.times.branches.0.to: must be a whole number from 0 to 50"),
        ("key = 2", "key = 1", "nodes.how.choices.bus.key: 1 is already used by car; give another key"),
        ('goto = "times"\n', "", "nodes.how.choices.car: goto is missing; give a text in quotes"),
        ('phrases = ["投诉", "不满意"], ', "", "nodes.why.branches.0.phrases: is missing or empty; say which words"),
        ('silent = "please"', 'silent = "plaese"', "nodes.why.silent: there is no node 'plaese', did you mean please?"),
        ('text = "来过几次？"\n', "", "nodes.times.prompts: is missing or empty; say what is asked for"),
        ('unit = "次"', 'units = "次"', "nodes.times.units: unknown key, did you mean unit?"),
        (
            'choices.bus = { text = "坐车", key = 2, goto = "why" }\n',
            "",
            "nodes.how.choices: a choice needs two or more",
        ),
        ('kind = "number"', 'kind = "nubmer"', "'nubmer' is unknown, did you mean number?"),
    ],
)
def test_faults_of_a_form_say_what_and_where(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in BY_HAND
    path = tmp_path / "form.toml"
    path.write_text(BY_HAND.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_flow(path)
    assert any(complaint in problem for problem in caught.value.problems), caught.value.problems


def test_a_form_for_agents_alone_needs_no_prompts_and_no_voice_can_ask_it(tmp_path: Path) -> None:
    flow = by_hand(tmp_path)
    assert isinstance(flow.nodes["why"], Remark)
    told = check_flow(flow, House(Prompts(), {}, (), ()))
    assert len(told) == 4
    assert told[0] == "flow form, nodes.how: has no prompts, so no voice can ask it; add prompts, or let agents ask"
