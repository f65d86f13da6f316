"""Whom campaigns may call, in the configuration: what may be written, and what becomes of it."""

from pathlib import Path

import pytest

from campaigns.rules.regions import region_of
from campaigns.rules.values import Purpose, Rules
from core.errors import ConfigError
from service import config_calling, from_config
from service.config import Loaded, read_config
from service.config_calling import rules_of
from service.config_changes import changes, renewed

REST = """
[[trunk]]
name = "carrier"
host = "203.0.113.5"
caller_ids = ["02155550100"]
[[hours]]
name = "calling"
open = ["mon-fri 08:00-21:00"]
[[hours]]
name = "late"
open = ["daily 11:00-20:00"]
holidays = ""
[[agent]]
id = "101"
password = "secret of a phone"
queues = ["complaint"]
[[queue]]
name = "complaint"
[[number]]
number = "4008001234"
to = "queue:complaint"
[[disposition]]
code = "angry"
zh = "投诉"
"""
CAMPAIGN = '[[campaign]]\nname = "visits"\ntrunk = "carrier"\ncaller_id = "4008001234"\n'


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text + REST, encoding="utf-8")
    return read_config(path, {})


def test_without_a_word_the_usual_rules_hold(tmp_path: Path) -> None:
    config = read(tmp_path, CAMPAIGN).config
    rules = rules_of(config, from_config.hours_of(config))
    usual = Rules()
    assert (rules.promotions, rules.a_day, rules.in_30_days, rules.quiet_s) == (
        False, usual.a_day, usual.in_30_days, usual.quiet_s,
    )  # fmt: skip
    assert (usual.a_day, usual.in_30_days) == (1, 3)
    assert rules.caller_ids == {"+862155550100", "4008001234"}
    assert (rules.hours, rules.regions) == (None, ())
    assert from_config.plan_of(config.campaigns[0], config).purpose is Purpose.SERVICE


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    told = """
[dialling]
allowed = ["+852"]
refused = ["0898"]
[calling]
promotions = true
per_day = 2
per_30_days = 6
number_per_day = 1
number_per_30_days = 4
quiet_days = 7
complaint_queues = []
complaint_codes = ["angry"]
caller_ids = ["4008009999"]
hours = "calling"
[[calling_region]]
name = "新疆"
prefixes = ["0990", "0991"]
hours = "late"
"""
    loaded = read(tmp_path, told + CAMPAIGN + 'purpose = "promotion"\nholidays = "CN"\n')
    assert loaded.warnings == ()
    hours = from_config.hours_of(loaded.config)
    rules = rules_of(loaded.config, hours)
    assert (rules.promotions, rules.a_day, rules.in_30_days) == (True, 2, 6)
    assert (rules.number_a_day, rules.number_in_30_days, rules.quiet_s) == (1, 4, 7 * 86_400)
    assert (rules.complaint_queues, rules.complaint_codes) == (frozenset(), {"angry"})
    assert rules.caller_ids is not None and "4008009999" in rules.caller_ids
    assert (rules.tolls.allowed, rules.tolls.refused) == (("+852",), ("0898",))
    assert rules.hours is hours["calling"]
    [region] = rules.regions
    assert (region.prefixes, region.hours) == (("0990", "0991"), hours["late"])
    plan = from_config.plan_of(loaded.config.campaigns[0], loaded.config)
    assert plan.purpose is Purpose.PROMOTION and plan.hours is not None and plan.hours.chinese_holidays
    assert plan.terms(rules).caller_id == "4008001234"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[calling]\nper_day = 0\n", "calling.per_day: must be from 1 to 20"),
        ("[calling]\nquiet_days = -1\n", "calling.quiet_days: must be from 0 to 3650 days"),
        ('[calling]\nhours = "night"\n', "calling.hours: there is no [[hours]] 'night'"),
        ('[calling]\ncomplaint_codes = ["sad"]\n', "calling.complaint_codes: there is no [[disposition]] 'sad'"),
        ('[calling]\ncaller_ids = ["boss"]\n', "calling.caller_ids: 'boss' must be a number"),
        ('[[calling_region]]\nname="x"\nprefixes=["+86"]\nhours="late"\n', "must be the first 2 to 11 digits"),
        (
            '[[calling_region]]\nname="x"\nprefixes=[]\nhours="late"\n',
            "one beginning of numbers at least, or places one",
        ),
        ('[[calling_region]]\nname="x"\nhours="late"\n', "one beginning of numbers at least, or places one"),
        ('[[calling_region]]\nname="x"\nplaces=["Tibet"]\nhours="late"\n', "'Tibet' must be the name of a province"),
        ('[[calling_region]]\nname="x"\nplaces=["新缰"]\nhours="late"\n', "in '新缰'; perhaps 新疆. A name is written"),
        ('[[calling_region]]\nname="x"\nplaces=["深圳市"]\nhours="late"\n', "; perhaps 广东深圳市"),
        ('[[calling_region]]\nname="x"\nplaces=["中国"]\nhours="late"\n', "no number is known to lie in '中国'"),
        ('[[calling_region]]\nname="x"\nprefixes=["0991"]\nhours="moon"\n', "there is no [[hours]] 'moon'"),
        (CAMPAIGN + 'purpose = "fun"\n', "campaign[1].purpose: must be one of service, promotion"),
        (CAMPAIGN + 'holidays = "DE"\n', "campaign[1].holidays: must be"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (CAMPAIGN.replace("4008001234", "4008005555"), "is no number of ours, so the campaign may call nobody"),
        (CAMPAIGN + 'purpose = "promotion"\n', "promotional calls are switched off"),
        (CAMPAIGN + "[recording]\nkeep_days = 14\n", "must be kept for 30 days at least; 14 is less"),
    ],
)
def test_what_calls_nobody_or_keeps_too_little_is_warned_of(tmp_path: Path, text: str, warning: str) -> None:
    assert any(warning in told for told in read(tmp_path, text).warnings)


def test_numbers_of_ours_are_those_that_are_called_too(tmp_path: Path) -> None:
    """Where no trunk says which it brings."""
    path = tmp_path / "line400.toml"
    trunk = '[[trunk]]\nname = "carrier"\nhost = "203.0.113.5"\n'
    number = '[[number]]\nnumber = "4008001234"\nto = "queue:sales"\n[[queue]]\nname = "sales"\n'
    path.write_text(trunk + number + CAMPAIGN.replace("4008001234", "4008005555"), encoding="utf-8")
    loaded = read_config(path, {})
    assert rules_of(loaded.config, {}).caller_ids == {"4008001234"}
    assert any("4008005555 is no number of ours" in told for told in loaded.warnings)
    path.write_text(trunk + CAMPAIGN, encoding="utf-8")
    loaded = read_config(path, {})
    assert rules_of(loaded.config, {}).caller_ids is None
    assert any("campaign[1].caller_id: cannot be judged" in told for told in loaded.warnings), loaded.warnings
    path.write_text('[calling]\ncaller_ids = ["4008001234"]\n' + trunk + CAMPAIGN, encoding="utf-8")
    assert not any("caller_id" in told for told in read_config(path, {}).warnings)


def test_a_region_by_places(tmp_path: Path) -> None:
    region = '[[calling_region]]\nname = "西部"\nplaces = ["新疆维吾尔自治区", "西藏"]\nhours = "late"\n'
    config = read(tmp_path, region + CAMPAIGN).config
    rules = rules_of(config, from_config.hours_of(config))
    [west] = rules.regions
    assert (west.prefixes, west.places) == ((), ("新疆", "西藏"))
    assert [region_of(number, rules) for number in ("+8613999991234", "+869912345678", "+8618664321234")] == [
        west, west, None,
    ]  # fmt: skip
    assert rules == rules_of(config, from_config.hours_of(config)), "the same table, so nothing is decided anew"


def test_without_places_no_table_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_calling, "china_places", None)
    region = '[[calling_region]]\nname = "新疆"\nprefixes = ["099"]\nhours = "late"\n'
    config = read(tmp_path, region + CAMPAIGN).config
    assert rules_of(config, from_config.hours_of(config)).places is None


def test_rules_hold_at_once_after_a_reload(tmp_path: Path) -> None:
    old, new = read(tmp_path, CAMPAIGN).config, read(tmp_path, "[calling]\nper_day = 2\n" + CAMPAIGN).config
    assert changes(old, new).live == ("calling.per_day",)
    assert renewed(old, new).calling == new.calling
