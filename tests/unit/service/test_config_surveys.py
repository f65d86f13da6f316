"""Surveys in the configuration: files of the house, what is wrong with them, and what a voice needs."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from service.campaign_check import judge
from service.campaign_choices import surveys
from service.config import Loaded, read_config
from service.config_model import Config
from service.config_surveys import survey_of, survey_versions
from service.console_deps import directory_of

FORM = """\
start = "again"

[nodes.again]
kind = "yes_no"
text = "您还会再来吗？"
goto = "bye"
fallback = "bye"

[nodes.bye]
kind = "hangup"
"""
TRUNK = '[[trunk]]\nname = "carrier"\nhost = "192.0.2.1"\ncaller_id = "4008001234"\n'
SURVEY = '[[survey]]\nname = "again"\nfile = "again.toml"\n'
CAMPAIGN = '[[campaign]]\nname = "spring"\ntrunk = "carrier"\ncaller_id = "4008001234"\nsurvey = "again"\n'
AGENTS = (
    '[[agent]]\nid = "101"\npassword = "a first secret"\n[[queue]]\nname = "out"\nagents = ["101"]\n'
    '[[number]]\nnumber = "4008001234"\nto = "queue:out"\n'
)


def read(folder: Path, text: str, form: str = FORM) -> Loaded:
    (folder / "again.toml").write_text(form, encoding="utf-8")
    (folder / "line400.toml").write_text(text, encoding="utf-8")
    return read_config(folder / "line400.toml", {})


def problems(folder: Path, text: str, form: str = FORM) -> str:
    with pytest.raises(ConfigError) as error:
        read(folder, text, form)
    return str(error.value)


def test_the_house_has_surveys_of_its_own(tmp_path: Path) -> None:
    spoken = FORM.replace('text = "您还会再来吗？"', 'prompts = ["survey_quality"]')
    config = read(tmp_path, TRUNK + SURVEY + CAMPAIGN, spoken).config
    assert survey_of("again", config).questions == ("again",)
    assert survey_of("after_sale", config).flow.name == "after_sale"
    before = survey_versions(config)
    (tmp_path / "again.toml").write_text(spoken + "\n", encoding="utf-8")
    assert survey_versions(config) != before, "a reload sees that the file is another"
    (tmp_path / "again.toml").unlink()
    assert survey_versions(config) == {"again": ""}


def test_faults_are_named_with_their_place(tmp_path: Path) -> None:
    misspelled = problems(tmp_path, TRUNK + SURVEY + CAMPAIGN.replace('"again"', '"agian"'))
    assert (
        "survey 'agian': there is none of that name, did you mean again?; known: after_sale, again, return"
        in misspelled
    )
    faulty = problems(tmp_path, TRUNK + SURVEY, FORM.replace('goto = "bye"', 'goto = "by"'))
    assert "again.toml:3: nodes.again.yes: there is no node 'by', did you mean bye?" in faulty, "also if nobody asks it"
    assert "there are two [[survey]] 'again'" in problems(tmp_path, SURVEY + SURVEY)


def test_what_people_call_them(tmp_path: Path) -> None:
    config = read(tmp_path, TRUNK + SURVEY + 'title = "还会再来吗"\n').config
    listed = {it.id: (it.zh, it.en) for it in directory_of(config).surveys}
    assert (listed["again"], listed["after_sale"]) == (
        ("还会再来吗", "还会再来吗"),
        ("新车交付回访", "Visit after a sale"),
    )
    chosen = {it.value: (it.zh, it.en) for it in surveys(config)}
    assert chosen["again"][0].startswith("还会再来吗 again（") and chosen["after_sale"][1].startswith(
        "Visit after a sale"
    )
    own = SURVEY.replace('"again"', '"after_sale"')
    assert "after_sale" not in {it.id for it in directory_of(read(tmp_path, own).config).surveys}, "it is another one"


def test_a_voice_needs_prompts_and_an_agent_does_not(tmp_path: Path) -> None:
    told = problems(tmp_path, TRUNK + SURVEY + CAMPAIGN)
    assert "nodes.again: has no prompts, so no voice can ask it; add prompts, or let agents ask" in told
    config = read(tmp_path, TRUNK + SURVEY + CAMPAIGN + 'mode = "preview"\nqueue = "out"\n' + AGENTS).config
    assert config.campaigns[0].survey == "again"
    absent = FORM.replace('text = "您还会再来吗？"', 'prompts = ["come_again"]')
    assert "no prompt 'come_again'" in problems(tmp_path, TRUNK + SURVEY + CAMPAIGN, absent)


def test_the_page_is_told_the_same(tmp_path: Path) -> None:
    config = read(tmp_path, TRUNK + SURVEY + AGENTS).config
    form = {"name": "summer", "trunk": "carrier", "caller_id": "4008001234", "survey": "again"}
    assert judge({**form, "mode": "preview", "queue": "out"}, config).campaign is not None
    judged = judge(form, config)
    assert [(it.key, "has no recording" in it.en) for it in judged.faults] == [("survey", True)]
    assert judge({**form, "survey": "none"}, config).faults[0].key == "survey"
    assert judge({**form, "survey": "after_sale"}, Config()).faults, "no trunk of that name"


NOTICE = """\
start = "said"

[nodes.said]
kind = "play"
prompts = ["survey_intro"]
goto = "bye"

[nodes.bye]
kind = "hangup"
prompts = ["goodbye"]
"""


def test_a_notice_asks_nothing_and_needs_a_voice(tmp_path: Path) -> None:
    config = read(tmp_path, TRUNK + SURVEY + CAMPAIGN, NOTICE).config
    assert survey_of("again", config).is_notice
    form = {"name": "ready", "trunk": "carrier", "caller_id": "4008001234", "survey": "again"}
    assert judge(form, config).campaign is not None
    told = problems(tmp_path, TRUNK + SURVEY + CAMPAIGN + 'mode = "preview"\nqueue = "out"\n' + AGENTS, NOTICE)
    assert "survey 'again' is a notice and asks nothing; for agents write a script" in told
    mute = NOTICE.replace('prompts = ["survey_intro"]\n', "").replace('prompts = ["goodbye"]\n', "")
    told = problems(tmp_path, TRUNK + SURVEY + CAMPAIGN, mute)
    assert told.count("nothing is asked and no voice says anything") == 1
