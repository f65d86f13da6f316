"""Call distribution in the configuration: what may be written, and what becomes of it."""

from pathlib import Path

import pytest

from acd.agents import Profile
from acd.queues import Strategy
from acd.skills import Relaxation, SkillNeed
from acd.urgency import Order
from core.channels import ALL, Channel
from core.errors import ConfigError
from service import from_config
from service.callers import caller_rules
from service.config import Loaded, read_config
from service.config_distribution import priorities_of, profiles_of, vips_of

AGENTS = """
[[agent]]
id = "101"
password = "secret of a phone"
skills = ["tyres:7", "english"]
weight = 3
capacity = ["callbacks:0", "calls:1"]
[[agent]]
id = "102"
password = "secret of another"
[[number]]
number = "*"
to = "queue:sales"
"""
QUEUE = '[[queue]]\nname = "sales"\nagents = ["101", "102"]\n'


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path, {})


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    distribution = """
[distribution]
order = "deadline"
priorities = ["vip:300", "came_back:30"]
vips = ["138 0013 8000", "+8613900139000"]
"""
    queue = """strategy = "progressive"
ring_at_once = 6
ring_first = 2
ring_more = 3
ring_step_s = 4
ahead_s = 30
service_level_s = 15
skills = ["tyres:5"]
relax = ["30:2", "90:any"]
sticky_days = 30
sticky_wait_s = 20
"""
    loaded = read(tmp_path, distribution + QUEUE + queue + AGENTS)
    assert loaded.warnings == ()
    (rules,) = from_config.queues_of(loaded.config)
    assert (rules.strategy, rules.order, rules.ahead_s, rules.target_s) == (
        Strategy.PROGRESSIVE, Order.DEADLINE, 30.0, 15.0,
    )  # fmt: skip
    assert (rules.ring_at_once, rules.ring_first, rules.ring_more, rules.ring_step_s) == (6, 2, 3, 4.0)
    assert rules.skills == (SkillNeed("tyres", 5),)
    assert rules.relax == (Relaxation(30.0, 2), Relaxation(90.0, 10))
    assert rules.sticky_wait_s == 20.0
    first = Profile({"tyres": 7, "english": 1}, 3, channels=ALL - {Channel.CALLBACKS})
    assert profiles_of(loaded.config) == {"101": first, "102": Profile()}
    assert priorities_of(loaded.config) == {"vip": 300.0, "came_back": 30.0}
    assert vips_of(loaded.config) == {"+8613800138000", "+8613900139000"}


def test_by_default_nothing_is_different(tmp_path: Path) -> None:
    (rules,) = from_config.queues_of(read(tmp_path, QUEUE + AGENTS).config)
    assert (rules.strategy, rules.order, rules.ahead_s, rules.skills) == (Strategy.LONGEST_IDLE, Order.WAIT, 0.0, ())


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('strategy = "rinall"', "line400.toml:4: queue[1].strategy: must be one of ring-all, longest-idle"),
        ("ahead_s = 1801", "line400.toml:4: queue[1].ahead_s: must be from 0 to 1800"),
        ('skills = ["tyres:11"]', "line400.toml:4: queue[1].skills: 'tyres:11': 'tyres:11' is no skill; write"),
        (
            '[[agent]]\nid = "109"\ncapacity = ["calls:2"]',
            "line400.toml:6: agent[1].capacity: 'calls:2': 'calls:2' is no capacity; write a channel (calls, callbacks",
        ),
        ('relax = ["30"]', "line400.toml:4: queue[1].relax: '30': '30' is no step; write"),
        ('relax = ["0:3"]', "line400.toml:4: queue[1].relax: '0:3': '0:3' is no step; write"),
        ("ring_at_once = 0", "line400.toml:4: queue[1].ring_at_once: must be from 1 to 100"),
        ("sticky_wait_s = -1", "line400.toml:4: queue[1].sticky_wait_s: must be from 0 to 3600"),
        ('[distribution]\norder = "vip"', "line400.toml:5: distribution.order: must be one of wait, deadline"),
        ('[distribution]\npriorities = ["vip"]', "line400.toml:5: distribution.priorities: 'vip': 'vip' is no"),
        ('[distribution]\npriorities = ["vip:9999"]', "line400.toml:5: distribution.priorities: 'vip:9999'"),
        ('[distribution]\nvips = ["nobody"]', "line400.toml:5: distribution.vips: 'nobody': not a phone number"),
        ("[distribution]\nvip = 1", "line400.toml:5: distribution.vip: unknown key; did you mean 'vips'?"),
    ],
)
def test_every_fault_says_where_and_how_to_mend(tmp_path: Path, key: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, QUEUE + key + "\n" + AGENTS)
    assert any(problem.startswith(expected) for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (QUEUE + 'skills = ["tyres:8"]\n', "queue sales: none of its agents ever fits skills = tyres:8"),
        (QUEUE + 'skills = ["tires"]\nrelax = ["60:any"]\n', ""),
        (QUEUE + 'relax = ["60:any"]\n', "queue sales: relax lowers only"),
        (QUEUE + "sticky_wait_s = 10\n", "queue sales: sticky_wait_s does nothing without sticky_days or"),
        (QUEUE + "sticky_wait_s = 10\nsticky_owner = true\n", ""),
        (
            '[distribution]\nvips = ["95555"]\npriorities = []\n' + QUEUE,
            'distribution.vips: there is no priority "vip"',
        ),
    ],
)
def test_what_deserves_a_second_look(tmp_path: Path, text: str, expected: str) -> None:
    warnings = read(tmp_path, text + AGENTS).warnings
    assert [warning[: len(expected)] for warning in warnings] == ([expected] if expected else [])


def test_callers_are_led_to_owners_who_take_calls_of_a_queue_that_wants_it(tmp_path: Path) -> None:
    assert caller_rules(read(tmp_path, QUEUE + AGENTS).config).owners == {}
    config = read(tmp_path, QUEUE + "sticky_owner = true\n" + AGENTS).config
    assert caller_rules(config).owners == {"sales": frozenset({"101", "102"})}
    agents = AGENTS.replace('id = "102"', 'id = "102"\ncapacity = ["calls:0"]')
    config = read(tmp_path, QUEUE + "sticky_owner = true\n" + agents).config
    assert caller_rules(config).owners == {"sales": frozenset({"101"})}


def test_a_queue_of_agents_who_take_no_callers_deserves_a_second_look(tmp_path: Path) -> None:
    agents = AGENTS.replace('"calls:1"', '"calls:0"').replace('id = "102"', 'id = "102"\ncapacity = ["calls:0"]')
    (warning,) = read(tmp_path, QUEUE + agents).warnings
    assert warning.startswith("queue sales: capacity of all its agents is calls:0")


FLOW = """
name = "service"
start = "go"
[nodes.go]
kind = "queue"
queue = "sales"
priority = "complaint"
skills = ["english:3"]
"""


def test_a_flow_gives_priority_and_skills(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text(FLOW, encoding="utf-8")
    more = '[[flow]]\nname = "service"\nfile = "service.toml"\n[[number]]\nnumber = "4008001234"\nto = "flow:service"\n'
    config = read(tmp_path, QUEUE + AGENTS + more).config
    outcome = getattr(from_config.flows_of(config)["service"].nodes["go"], "outcome", None)
    assert (outcome.priority, outcome.skills) == ("complaint", (("english", 3),))
    with pytest.raises(ConfigError, match=r"no priority 'complaint'.*\[distribution\] priorities"):
        read(tmp_path, "[distribution]\npriorities = []\n" + QUEUE + AGENTS + more)
    (tmp_path / "service.toml").write_text(FLOW.replace("english:3", "english:99"), encoding="utf-8")
    with pytest.raises(ConfigError, match="'english:99' is no skill"):
        read(tmp_path, QUEUE + AGENTS + more)
