"""Flow files: what is read, and that every fault is named with its line."""

from datetime import date
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.toml_lines import toml_lines
from ivr.check import House, check_flow, check_hours
from ivr.flow import Branch, Choice, Exit, HangUp, Menu, Question, ToAgent, ToVoicemail
from ivr.form import question_at
from ivr.hours import announced_until
from ivr.hours_text import parse_hours
from ivr.load import load_flow, read_flow
from ivr.prompts import Prompts

GOOD = """\
start = "ask"

[nodes.ask]
kind = "menu"
prompts = "menu_main"
fallback = "bye"
choices = { one = { key = 1, goto = "how" }, two = { phrases = ["第二"], goto = "boss" } }

[nodes.how]
kind = "question"
prompts = ["survey_nps"]
low = 0
high = 10
goto = "bye"
fallback = "bye"
branches = [
    { from = 0, to = 6, goto = "message" },  # a comment with = and ]
]
phrases.0 = ["完全不会"]

[nodes.boss]
kind = "agent"
agent = "1001"

[nodes.message]
kind = "voicemail"

[nodes.bye]
kind = "hangup"
prompts = ["goodbye"]
"""

GOOD_YAML = """\
start: ask
nodes:
  ask:
    kind: menu
    prompts: menu_main
    fallback: bye
    choices:
      one: {key: 1, goto: how}
      two: {phrases: [第二], goto: boss}
  how:
    kind: question
    prompts: [survey_nps]
    low: 0
    high: 10
    goto: bye
    fallback: bye
    branches:
      - {from: 0, to: 6, goto: message}
    phrases:
      0: [完全不会]
  boss: {kind: agent, agent: "1001"}
  message: {kind: voicemail}
  bye:
    kind: hangup
    prompts: [goodbye]
"""


def write(folder: Path, text: str, name: str = "test.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str, name: str = "test.toml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_flow(write(folder, text, name))
    return caught.value.problems


def test_toml_and_yaml_say_the_same(tmp_path: Path) -> None:
    flow, warnings = read_flow(write(tmp_path, GOOD))
    assert warnings == ()
    assert flow == load_flow(write(tmp_path, GOOD_YAML, "test.yaml"))
    ask = flow.nodes["ask"]
    assert isinstance(ask, Menu)
    assert ask.choices == (Choice("one", "how", "1"), Choice("two", "boss", "", ("第二",)))
    assert ask.asking.again == ("menu_main",)
    how = flow.nodes["how"]
    assert isinstance(how, Question)
    assert how.branches == (Branch(0, 6, "message"),)
    assert dict(how.phrases) == {"0": ("完全不会",)}
    assert flow.nodes["boss"] == Exit("boss", ToAgent("1001"))
    assert flow.nodes["message"] == Exit("message", ToVoicemail("main"))
    assert flow.nodes["bye"] == Exit("bye", HangUp(), ("goodbye",))


def test_all_faults_at_once_each_with_its_line_and_mend(tmp_path: Path) -> None:
    text = (
        GOOD.replace('fallback = "bye"\nchoices', 'fallbak = "bye"\nchoices')
        .replace('goto = "how"', 'goto = "hwo"')
        .replace('high = 10', "high = 0")
        .replace('kind = "voicemail"', 'kind = "voicemial"')
        .replace('agent = "1001"', "agent = true")
        .replace('start = "ask"', 'start = "aks"\ncolour = "red"')
    )  # fmt: skip
    found = faults(tmp_path, text)
    assert found == [
        "test.toml:1: start: there is no node 'aks', did you mean ask?",
        "test.toml:2: colour: unknown key; known: name, nodes, start, max_nodes",
        "test.toml:4: nodes.ask: fallback is missing; give a text in quotes",
        "test.toml:7: nodes.ask.fallbak: unknown key, did you mean fallback?; known: kind, text, text_en, prompts, "
        "repeat_key, again, "
        "fallback, no_input, invalid, rejected, tries, no_input_s, max_speech_s, repeat_phrases, barge_in_key, "
        "barge_in_voice, type_ahead, call_again, choices, keep",
        "test.toml:8: nodes.ask.choices.one: there is no node 'hwo', did you mean how?",
        "test.toml:14: nodes.how.high: must be above low, which is 0",
        "test.toml:18: nodes.how.branches.0.to: must be a whole number from 0 to 0",
        "test.toml:24: nodes.boss.agent: must be a text in quotes, not true or false",
        "test.toml:27: nodes.message.kind: 'voicemial' is unknown, did you mean voicemail?; use one of play, menu, "
        "choice, yes_no, question, scale, nps, number, remark, speech, hours, queue, agent, voicemail, promise, "
        "hangup, goto",
    ]


def test_yaml_faults_have_lines_too(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD_YAML.replace("goto: how", "goto: hwo"), "f.yaml") == [
        "f.yaml:8: nodes.ask.choices.one: there is no node 'hwo', did you mean how?"
    ]
    assert faults(tmp_path, GOOD_YAML + "  bye: {kind: hangup}\n", "f.yml") == [
        "f.yml:26: bye: is here twice (first at line 23); keep one"
    ]
    assert faults(tmp_path, "start: [", "f.yaml")[0].startswith("f.yaml:")
    assert faults(tmp_path, "- a\n", "f.yaml") == ["f.yaml:1: must be a table of keys"]


def test_broken_files_say_where(tmp_path: Path) -> None:
    assert faults(tmp_path, "start = a")[0].startswith("test.toml:1: not well-formed TOML: Invalid value")
    assert faults(tmp_path, 'x = 1\nstart = "a')[0].startswith("test.toml:2: not well-formed TOML: Unterminated")
    for deep, name in (
        ("x = " + "[" * 3000, "f.toml"),
        ("x: " + "[" * 3000, "f.yaml"),
        ("x = " + "9" * 5000, "f.toml"),
    ):
        assert "nested too deep" in faults(tmp_path, deep, name)[0]
    assert "unknown kind of file" in faults(tmp_path, GOOD, "flow.json")[0]
    (tmp_path / "gbk.toml").write_bytes('start = "主"'.encode("gb18030"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_flow(tmp_path / "gbk.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_flow(tmp_path / "none.toml")
    assert faults(tmp_path, "") == [
        "test.toml:1: file: start is missing; give a text in quotes",
        "test.toml:1: nodes: a flow needs at least one node: [nodes.NAME] with a kind",
    ]


def test_menu_that_contradicts_itself(tmp_path: Path) -> None:
    text = """\
start = "m"
[nodes.m]
kind = "menu"
prompts = ["menu_main"]
repeat_key = "*"
fallback = "m"
[nodes.m.choices.a]
key = "1"
phrases = ["买车"]
goto = "m"
[nodes.m.choices.b]
key = "1"
phrases = ["买车"]
goto = "m"
[nodes.m.choices.c]
key = "*"
goto = "m"
[nodes.m.choices.d]
goto = "m"
[nodes.m.choices.e]
key = "10"
goto = "m"
"""
    assert faults(tmp_path, text) == [
        "test.toml:12: nodes.m.choices.b.key: 1 is already used by a; give another key",
        "test.toml:13: nodes.m.choices.b.phrases: 买车 is already used by a; say it once",
        "test.toml:16: nodes.m.choices.c.key: * is already used by repeat_key; give another key",
        "test.toml:18: nodes.m.choices.d: can neither be pressed nor said; give a key or phrases",
        "test.toml:21: nodes.m.choices.e.key: '10' is no key; use one of 0-9 * # A-D",
    ]


def test_endless_loops_are_refused_and_lost_nodes_warned_of(tmp_path: Path) -> None:
    loop = """\
start = "a"
[nodes.a]
kind = "play"
prompts = ["welcome"]
goto = "b"
[nodes.b]
kind = "goto"
goto = "a"
"""
    assert faults(tmp_path, loop) == [
        "test.toml:2: nodes.a: endless loop a → b → a; put a menu, a question or an exit in it"
    ]
    _, warnings = read_flow(write(tmp_path, GOOD + '\n[nodes.attic]\nkind = "hangup"\n'))
    assert warnings == (f"test.toml:{GOOD.count(chr(10)) + 2}: nodes.attic: nothing leads here",)


def test_lines_of_every_kind_of_toml() -> None:
    lines = toml_lines(
        'a.b = 1\n"c d" = """\nx = 1\n"""\n[[t]]\nx = [\n  1, # ]\n  { y = "}", z = 2 },\n]\n'
        "[[t]]\nx = ''\n[t.sub]\nw = 1979-05-27 07:32:00\n"
    )
    assert lines["a", "b"] == 1
    assert lines["c d",] == 2
    assert lines["t", 0, "x"] == 6
    assert lines["t", 0, "x", 0] == 7
    assert lines["t", 0, "x", 1, "z"] == 8
    assert lines["t", 1, "x"] == 11
    assert lines["t", 1, "sub", "w"] == 13


def test_check_names_what_the_house_does_not_have() -> None:
    flow = load_flow(Path(__file__).parents[3] / "ivr" / "flows" / "main.toml")
    hours = {"main": parse_hours(["daily 08:30-20:00"])}
    queues = {"sales", "service", "tradein", "complaint", "general"}
    assert check_flow(flow, House(Prompts(), hours, queues, ())) == []
    found = check_flow(flow, House(Prompts(), {"mian": hours["main"]}, queues - {"tradein"} | {"trade"}, ()))
    assert found == [
        "flow main, nodes.open_now: no opening hours 'main', did you mean mian?; add [[hours]] of that name",
        "flow main, nodes.tradein: no queue 'tradein', did you mean trade?; add [[queue]] of that name",
    ]


def test_years_whose_holidays_are_not_known_are_told_in_time() -> None:
    known = announced_until()
    hours = {"main": parse_hours(["daily 08:30-20:00"]), "any": parse_hours(["daily 08:30-20:00"], holidays="")}
    assert check_hours(hours, date(known, 11, 30)) == []
    (near,) = check_hours(hours, date(known, 12, 1))
    assert near.startswith(f"hours main: Chinese public holidays are known up to {known} only; update the package")
    assert near.endswith(f"or list the days of {known + 1} in extra_closed and extra_open")
    assert check_hours(hours, date(known + 1, 6, 1)) == [near]
    by_hand = {"main": parse_hours(["daily 08:30-20:00"], extra_closed=[f"{known + 1}-02-10..{known + 1}-02-16"])}
    assert check_hours(by_hand, date(known, 12, 1)) == check_hours(by_hand, date(known + 1, 6, 1)) == []


def test_a_question_says_whether_it_is_required_and_which_score_is_low(tmp_path: Path) -> None:
    end = '[nodes.end]\nkind = "hangup"\n'
    keys = 'text = "?"\ngoto = "end"\nfallback = "end"\n'
    scale = f'start = "how"\n[nodes.how]\nkind = "scale"\nlow = 1\nhigh = 5\n{keys}'
    usual = load_flow(write(tmp_path, scale + end)).nodes["how"]
    assert isinstance(usual, Question) and usual.required and usual.low_score is None
    told = load_flow(write(tmp_path, f"{scale}required = false\nlow_score = 0\n{end}")).nodes["how"]
    assert isinstance(told, Question) and not told.required and told.low_score == 0
    with pytest.raises(ConfigError, match=r"low_score: must be a whole number from 0 to 5"):
        load_flow(write(tmp_path, f"{scale}low_score = 6\n{end}"))
    number = scale.replace('"scale"', '"number"')
    with pytest.raises(ConfigError, match="low_score: unknown key"):
        load_flow(write(tmp_path, f"{number}low_score = 2\n{end}"))
    speech = 'start = "how"\n[nodes.how]\nkind = "speech"\ntext = "?"\ngoto = "end"\n'
    assert not question_at(load_flow(write(tmp_path, speech + end)).nodes["how"]).required  # type: ignore[arg-type]
    said = load_flow(write(tmp_path, f"{speech}required = true\n{end}"))
    assert question_at(said.nodes["how"]).required  # type: ignore[arg-type]
