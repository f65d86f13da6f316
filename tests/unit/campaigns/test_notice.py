"""A notice: nothing is asked; it is completed where its words were played to a person to their end."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.attempt import Result
from campaigns.facts import SurveyAnswered
from campaigns.notice import HEARD, heard_to_end
from campaigns.survey import Survey, find_survey, result_of_hang_up
from ivr.flow import Exit, Menu, Play
from ivr.load import load_flow
from ivr.prompts import Prompts
from reports.survey_form import asked_of
from telephony.ports import EndReason
from tests.unit.campaigns.test_dialer import NUMBERS, House
from tests.unit.ivr.doubles import FakeLeg

NOTICE = """\
start = "greeting"

[nodes.greeting]
kind = "play"
text = "您好，这里是客户服务中心。"
prompts = ["survey_intro"]
goto = "ready"

[nodes.ready]
kind = "play"
text = "您的车已经保养完毕，可以来取车了。"
prompts = ["survey_quality"]
goto = "bye"

[nodes.bye]
kind = "hangup"
text = "再见。"
prompts = ["goodbye"]
"""
MENU = (
    NOTICE.replace('goto = "bye"', 'goto = "again"')
    + """
[nodes.again]
kind = "menu"
prompts = ["say_or_press"]
fallback = "bye"
tries = 1

[nodes.again.choices.again]
key = "1"
goto = "greeting"

[nodes.again.choices.never]
key = "9"
goto = "never"

[nodes.never]
kind = "hangup"
result = "do_not_call"
prompts = ["optout_done"]
"""
)


def notice(folder: Path, text: str = NOTICE) -> Survey:
    (folder / "car_ready.toml").write_text(text, encoding="utf-8")
    return find_survey("car_ready", {"car_ready": folder / "car_ready.toml"})


def test_its_only_column_says_whether_it_was_heard(tmp_path: Path) -> None:
    survey = notice(tmp_path)
    assert survey.is_notice and survey.questions == (HEARD,)
    assert not find_survey("return_visit").is_notice
    kept = asked_of(json.loads(survey.form.questions)[HEARD])
    assert (kept.kind, [*kept.options], kept.options["yes"].zh) == ("yes_no", ["yes", "no"], "听到最后")


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ([], Result.HUNG_UP),
        (["greeting"], Result.PARTIAL),
        (["greeting", "ready"], Result.COMPLETED),
        (["greeting", "ready", "greeting"], Result.COMPLETED),  # in the middle of the second time
        (["greeting", "ready", "never"], Result.COMPLETED),
    ],
)
def test_who_hangs_up_has_heard_what_he_has_heard(told: list[str], result: Result, tmp_path: Path) -> None:
    assert result_of_hang_up(notice(tmp_path, MENU), (), told) is result


def test_without_play_its_words_are_those_of_the_exit(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text('start = "z"\n[nodes.z]\nkind = "hangup"\nprompts = ["goodbye"]\n', encoding="utf-8")
    flow = load_flow(file)
    assert heard_to_end(flow, ["z"]) and not heard_to_end(flow, [])


async def called(survey: Survey, *people: Callable[[FakeLeg, float], None]) -> tuple[list[str], list[str]]:
    """Results, and what is kept of who heard it; a prompt lasts two seconds."""
    house = House(contacts=len(people), survey=survey)
    house.network.people |= dict(zip(NUMBERS, people, strict=False))
    await house.run()
    kept = [it for it in house.log.facts(SurveyAnswered) if isinstance(it, SurveyAnswered) and it.question == HEARD]
    assert {it.form for it in kept} <= {survey.version}
    return house.results(), [it.value for it in sorted(kept, key=lambda it: it.contact)]


async def test_it_is_played_to_people(tmp_path: Path) -> None:
    results, heard = await called(
        notice(tmp_path),
        lambda leg, at: None,  # hears all
        lambda leg, at: leg.leaves(at=at + 1.0),
        lambda leg, at: leg.leaves(at=at + 3.0),
        lambda leg, at: leg.leaves(at=at + 5.0),  # in the goodbye
    )
    assert results == ["completed", "hung_up", "partial", "completed"]
    assert heard == ["yes", "no", "no", "yes"]


async def test_what_we_cut_off_is_no_answer(tmp_path: Path) -> None:
    results, heard = await called(
        notice(tmp_path), lambda leg, at: leg._time.call_at(at + 3.0, lambda: leg.ends(EndReason.MEDIA_LOST))
    )
    assert (results, heard) == (["interrupted"], [])


async def test_who_wants_no_more_calls_has_heard_it_all_the_same(tmp_path: Path) -> None:
    results, heard = await called(notice(tmp_path, MENU), lambda leg, at: leg.press("9", at=at + 4.5))
    assert (results, heard) == (["refused"], ["yes"])


async def test_one_is_shipped_ready_to_play() -> None:
    """Every prompt of the doubles lasts two seconds: 2 s its words, 2 s the menu, 3 s to press, 2 s the goodbye."""
    survey = find_survey("service_due")
    assert survey.is_notice
    results, heard = await called(
        survey,
        lambda leg, at: None,  # hears all
        lambda leg, at: leg.leaves(at=at + 1.0),
        lambda leg, at: leg.leaves(at=at + 5.0),  # in the menu: he has heard it
        lambda leg, at: leg.press("1", at=at + 4.5),  # hears it once more
        lambda leg, at: leg.press("9", at=at + 4.5),
        lambda leg, at: leg.press("5", at=at + 4.5),  # no such choice: he has heard it all the same
    )
    assert results == ["completed", "hung_up", "completed", "completed", "refused", "completed"]
    assert heard == ["yes", "no", "yes", "yes", "yes", "yes"]


def test_the_shipped_one_has_its_words_recorded() -> None:
    survey = find_survey("service_due")
    nodes = survey.flow.nodes.values()
    said = {name for node in nodes if isinstance(node, Play | Exit) for name in node.prompts}
    said |= {name for node in nodes if isinstance(node, Menu) for name in node.asking.prompts}
    assert said == {"notice_service_due", "notice_again", "notice_bye", "optout_done"}
    assert said <= Prompts().names()
