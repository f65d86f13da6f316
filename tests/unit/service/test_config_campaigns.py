"""Campaigns with agents in the configuration, and trunks that they share with callers."""

from pathlib import Path

import pytest

from acd.agents import Profile
from acd.queues import QueueRules
from acd.skills import SkillNeed
from campaigns.preview import PreviewTerms
from core.clock import VirtualClock
from core.errors import ConfigError
from service import from_config
from service.campaign_agents import suited_agents
from service.config import Loaded, read_config
from service.config_campaigns import AgentsPlan, agents_plan_of, survey_name_of
from service.config_surveys import survey_of
from service.trunk_room import SharedTrunks, reserves_of
from telephony.trunk import TrunkBook

REST = """
[[trunk]]
name = "carrier"
host = "203.0.113.5"
max_calls = 10
calls_per_s = 2
caller_ids = ["4008001234"]
[[trunk]]
name = "small"
host = "203.0.113.6"
max_calls = 1
[[trunk_group]]
name = "both"
trunks = ["carrier", "small"]
[[number]]
number = "4008001235"
to = "agent:101"
[[queue]]
name = "out"
agents = ["101", "102"]
[[agent]]
id = "101"
password = "secret of a phone"
auto_answer = "yealink"
[[agent]]
id = "102"
password = "another secret"
auto_answer = "snom"
"""
CAMPAIGN = '[[campaign]]\nname = "visits"\ntrunk = "carrier"\ncaller_id = "4008001234"\n'
AGENTS = CAMPAIGN + 'mode = "predictive"\nqueue = "out"\n'


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text + REST, encoding="utf-8")
    return read_config(path, {})


def test_old_campaigns_are_surveys(tmp_path: Path) -> None:
    config = read(tmp_path, CAMPAIGN + "concurrency = 7\n").config
    assert agents_plan_of(config.campaigns[0]) is None
    assert from_config.plan_of(config.campaigns[0], config).concurrency == 7


def test_the_shipped_notice_is_ready_to_play(tmp_path: Path) -> None:
    loaded = read(tmp_path, CAMPAIGN + 'survey = "service_due"\n')
    assert not [text for text in loaded.warnings if "campaign" in text]
    assert survey_of("service_due", loaded.config).is_notice


def test_with_agents(tmp_path: Path) -> None:
    loaded = read(tmp_path, AGENTS)
    config = loaded.config
    assert not [text for text in loaded.warnings if "campaign" in text]
    assert agents_plan_of(config.campaigns[0]) == AgentsPlan("out", predictive=True, within_s=2.0, cap=0.03)
    assert from_config.plan_of(config.campaigns[0], config).concurrency == 6, "three lines for each agent"
    told = 'mode = "progressive"\nqueue = "out"\nlines = 4\nwithin_s = 1.5\nabandon_pct = 1\n'
    config = read(tmp_path, CAMPAIGN + told).config
    assert agents_plan_of(config.campaigns[0]) == AgentsPlan("out", predictive=False, within_s=1.5, cap=0.01)
    assert from_config.plan_of(config.campaigns[0], config).concurrency == 4


def test_preview(tmp_path: Path) -> None:
    by_hand = '[[agent]]\nid = "103"\npassword = "a third secret"\nqueues = ["out"]\n'
    text = CAMPAIGN + 'mode = "preview"\nqueue = "out"\n'
    loaded = read(tmp_path, text + by_hand)
    assert not [warning for warning in loaded.warnings if "campaign" in warning], "nobody waits for its agents"
    plan = agents_plan_of(loaded.config.campaigns[0])
    assert plan == AgentsPlan("out", predictive=False, preview=PreviewTerms(60.0, 1800.0))
    plan = agents_plan_of(read(tmp_path, text + "preview_s = 90\npreview_again_min = 5\n").config.campaigns[0])
    assert plan is not None and plan.preview == PreviewTerms(90.0, 300.0)
    plan = agents_plan_of(read(tmp_path, text.replace('"preview"', '"manual"')).config.campaigns[0])
    assert plan is not None and plan.preview == PreviewTerms(600.0, 1800.0, manual=True), "by hand there is no limit"
    several = REST.replace('name = "out"', 'name = "out"\nstrategy = "ring-all"')
    (tmp_path / "line400.toml").write_text(text + several, encoding="utf-8")
    with pytest.raises(ConfigError, match="rings several agents at once"):
        read_config(tmp_path / "line400.toml", {})


def test_script_and_form(tmp_path: Path) -> None:
    told = 'survey = "return_visit"\nscript = """\n# 开场\n您好，{name}\n"""\nscript_en = "Hello"\n'
    loaded = read(tmp_path, AGENTS + told)
    (campaign,) = loaded.config.campaigns
    assert (campaign.script, campaign.script_en) == ("# 开场\n您好，{name}\n", "Hello")
    assert survey_name_of(campaign) == "return_visit"
    assert not [text for text in loaded.warnings if "campaign" in text]
    assert survey_name_of(read(tmp_path, AGENTS).config.campaigns[0]) == "", "agents have a form where one is named"
    assert survey_name_of(read(tmp_path, CAMPAIGN).config.campaigns[0]) == "return_visit"
    assert any("has nobody to read it" in text for text in read(tmp_path, CAMPAIGN + 'script = "x"\n').warnings)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CAMPAIGN + 'mode = "wild"\n', "line400.toml:5: campaign[1].mode: must be one of survey, progressive"),
        (CAMPAIGN + 'mode = "predictive"\n', "predictive needs queue"),
        (CAMPAIGN + 'mode = "predictive"\nqueue = "uot"\n', "there is no queue 'uot'; did you mean 'out'?"),
        (CAMPAIGN + 'queue = "out"\n', "is for agents"),
        (AGENTS + "abandon_pct = 11\n", "campaign[1].abandon_pct: must be from 0 to 10 %"),
        (AGENTS + "within_s = 0\n", "campaign[1].within_s: must be from 0.5 to 10 seconds"),
        (AGENTS + "preview_s = 5\n", "campaign[1].preview_s: must be from 10 to 600 seconds"),
        (AGENTS + "preview_again_min = 0\n", "campaign[1].preview_again_min: must be from 1 to 10080 minutes"),
        (AGENTS + f'script = "{"x" * 4001}"\n', "campaign[1].script: must be a text of at most 4000 characters"),
        (AGENTS + 'script_en = "a\\u0007"\n', "campaign[1].script_en: has signs that cannot be shown"),
        (AGENTS + 'survey = "a b"\n', "campaign[1].survey: must be a name of letters"),
        (AGENTS + 'survey = "retrun_visit"\n', "retrun_visit"),
        (AGENTS + "lines = 2000\n", "campaign[1].lines: must be from 0 to 1000"),
        ("[calling]\nabandoned_again_h = 1000\n", "calling.abandoned_again_h: must be from 0 to 720 hours"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)


def test_what_is_odd_is_said(tmp_path: Path) -> None:
    by_hand = '[[agent]]\nid = "103"\npassword = "a third secret"\nqueues = ["out"]\n'
    led = '[[number]]\nnumber = "4008001234"\nto = "queue:out"\n'
    warnings = read(tmp_path, AGENTS + by_hand + led).warnings
    assert any("the phones of 103 do not answer by themselves" in text for text in warnings)
    assert any("callers are led to 'out' too" in text for text in warnings)


def test_channels_for_campaigns(tmp_path: Path) -> None:
    config = read(tmp_path, CAMPAIGN).config
    clock = VirtualClock(1_700_000_000.0)
    book = TrunkBook(from_config.trunks_of(config), from_config.trunk_groups_of(config))
    room = SharedTrunks(book, clock, reserves_of(config))
    assert room.members("both") == ("carrier", "small") and room.members("small") == ("small",)
    assert room.members("none") == ()
    assert (room.free("carrier"), room.free("small"), room.free("none")) == (8, 1, 0)
    for _ in range(9):
        book.take("carrier")
    assert room.free("carrier") < 1, "the last channels are left to callers and agents"
    assert room.wait_s("carrier", 0) == 0.0
    assert room.wait_s("carrier", 1) == 0.5
    book.turn_s("carrier", clock.now())
    assert room.wait_s("carrier", 0) == 0.5, "an agent's own call has had its turn"
    assert room.wait_s("small", 3) == 0.0


def test_only_agents_with_the_skills_of_the_queue_count() -> None:
    queues = [
        QueueRules("out", ("a", "b")),
        QueueRules("english", ("a", "b", "c"), skills=(SkillNeed("english", 3),)),
    ]
    found = suited_agents(queues, {"a": Profile({"english": 5}), "b": Profile({"english": 1})})
    assert found == {"out": {"a", "b"}, "english": {"a"}}
    barred = suited_agents(queues, {"a": Profile({"english": 5}, channels=frozenset())})
    assert barred == {"out": {"b"}, "english": frozenset()}, "who is kept from queue calls takes none of these either"


@pytest.mark.parametrize(
    ("lines", "house", "first"),
    [
        ('"mon-sun 20:00-09:00"', "", "Monday at 00:00"),
        ('"sat 20:00-21:30"', "", "Saturday at 21:00"),
        ('"sun 20:00-23:00", "tue 06:00-10:00"', "", "Tuesday at 06:00"),
        ('"daily 00:00-24:00"', '"mon-fri 09:00-21:30"', "Monday at 21:00"),
        ('"daily 00:00-24:00"', '"mon-fri 08:00-21:00"', ""),
        ('"daily 08:00-21:00"', "", ""),
        ('"sat 20:00-21:30"', '"mon-fri 00:00-24:00"', ""),
    ],
)
def test_who_would_be_called_at_night_is_said(tmp_path: Path, lines: str, house: str, first: str) -> None:
    text = CAMPAIGN + f"hours = [{lines}]\n"
    if house:
        text += f'[calling]\nhours = "calling"\n[[hours]]\nname = "calling"\nopen = [{house}]\n'
    said = [warning for warning in read(tmp_path, text).warnings if "at night" in warning]
    assert len(said) == bool(first) and all(first in warning for warning in said)
