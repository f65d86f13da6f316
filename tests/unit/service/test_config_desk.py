"""Wrap-up and dispositions in the configuration."""

from pathlib import Path

import pytest

from acd.day_plan import constant
from acd.queues import Extension
from console.ports import PauseEntry
from desk.dispositions import Disposition, FieldKind, Then
from service.config_desk import dispositions_of
from service.config_distribution import profiles_of
from service.config_model import Config
from service.console_deps import directory_of
from service.from_config import queues_of
from service.simulation_world import Changes, house_world
from tests.unit.service.test_config import faults, read_config, write

GOOD = """
[[number]]
number = "*"
to = "queue:sales"
[[agent]]
id = "1"
password = "x"
wrap_up_s = 45
[[agent]]
id = "2"
password = "y"
[[queue]]
name = "sales"
agents = ["*"]
wrap_up_more_s = 30
wrap_up_extends = 2
wrap_up_most_s = 300
disposition = "required"
[[disposition]]
code = "deal"
zh = "成交意向"
en = "Wants to buy"
queues = ["sales"]
fields = ["customer", "plate"]
[[disposition]]
code = "wrong"
zh = "打错"
[[pause]]
name = "用餐"
en = "Meal"
minutes = 30
[[pause]]
name = "培训"
"""


def test_what_is_written_holds(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD), {}).config
    [rules] = queues_of(config)
    assert (rules.extension, rules.needs_disposition) == (Extension(30.0, 2, 300.0), True)
    assert [profile.wrap_up_s for profile in profiles_of(config).values()] == [45.0, None]
    assert dispositions_of(config) == (
        Disposition("deal", "成交意向", "Wants to buy", frozenset({"sales"}), (FieldKind.CUSTOMER, FieldKind.PLATE)),
        Disposition("wrong", "打错", "打错"),
    )
    directory = directory_of(config)
    assert directory.pauses == (PauseEntry("用餐", "Meal", 30.0), PauseEntry("培训"))
    assert directory.pause_reasons == ("用餐", "培训")
    assert [entry.code for entry in directory.dispositions] == ["deal", "wrong"]
    assert directory_of(Config()).pause_reasons == ("小休", "用餐", "培训", "会议")


def test_what_codes_mean_for_campaigns(tmp_path: Path) -> None:
    rules = (
        'then = "retry"\n[[disposition]]\ncode = "later"\nthen = "call_again"\n'
        '[[disposition]]\ncode = "yes"\nagreed = true\n'
    )
    config = read_config(write(tmp_path, GOOD.replace('zh = "打错"\n', rules)), {}).config
    _, again, later, yes = dispositions_of(config)
    assert (again.then, again.again, later.then, yes.then) == (Then.RETRY, "next window", Then.CALL_AGAIN, Then.NOTHING)
    assert (again.agreed, yes.agreed) == (False, True)
    shown = directory_of(config).dispositions[2]
    assert (shown.then, shown.fields) == ("call_again", ("date",)), "a promised call has a time"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('code = "wrong"', 'code = "deal"', "disposition[2].code: there are two of code 'deal'"),
        ('code = "wrong"', 'code = "missing"', "disposition[2].code: must be 1 to 40 of"),
        ('["customer", "plate"]', '["vin"]', "disposition[1].fields: 'vin': must be one of note, date, plate"),
        ('queues = ["sales"]', 'queues = ["sale"]', "disposition[1].queues: there is no queue 'sale'; known: sales"),
        ('disposition = "required"', 'disposition = "always"', "queue[1].disposition: must be one of"),
        (
            'code = "wrong"',
            'code = "w"\nthen = "never"',
            "disposition[2].then: must be one of refuse, call_again",
        ),
        ('code = "wrong"', 'code = "w"\nthen = "retry"\nagain = "soon"', 'disposition[2].again: must be "10 min"'),
        ('code = "wrong"', 'code = "w"\nagain = "2 h"', "disposition[2].again: says after what time to try again"),
        ('name = "培训"', 'name = "用餐"', "pause[2].name: there are two of the name '用餐'"),
        ('name = "培训"', 'name = "rona"', "pause[2].name: must be 1 to 32 signs"),
        ("minutes = 30", "minutes = 700", "pause[1].minutes: must be from 0 to 600"),
        ("wrap_up_s = 45", "wrap_up_s = -2", "agent[1].wrap_up_s: must be from -1 to 3600"),
        ("wrap_up_most_s = 300", "wrap_up_most_s = 9000", "queue[1].wrap_up_most_s: must be from 0 to 7200"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    [fault] = faults(tmp_path, GOOD.replace(old, new))
    assert expected in fault


def test_a_queue_cannot_demand_what_nobody_can_give(tmp_path: Path) -> None:
    other = '[[queue]]\nname = "other"\n[[disposition]]\ncode = "x"\nqueues = "other"\n'
    text = GOOD.partition("[[disposition]]")[0] + other
    assert "queue[1].disposition: no [[disposition]] is for this queue" in faults(tmp_path, text)[0]


def test_a_simulation_waits_for_no_disposition_and_keeps_the_agents_own_wrap_up(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD), {}).config
    plain = house_world(config, {}, constant(20.0), None, Changes())
    assert [rules.needs_disposition for rules in plain.rules] == [False]
    assert plain.profiles["1"].wrap_up_s == 45.0
    assert house_world(config, {}, constant(20.0), None, Changes(wrap_up_s=5.0)).profiles["1"].wrap_up_s is None
