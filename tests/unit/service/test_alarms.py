"""Alarms of the configuration: what is refused, what is looked at, and what the log is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.alarm_figures import AlarmFigures
from acd.board import Board, QueueView, Tally, WaitingView
from acd.facts import QueueLeft
from console.board import LiveBoard
from console.ports import Directory
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError
from core.events import Event
from service.alarms import AlarmWatch
from service.config import read_config
from service.config_alarms import AlarmConfig
from service.config_model import Config, HoursConfig, QueueConfig

HEAD = """
[[queue]]
name = "sales"
[[trunk]]
name = "carrier"
host = "203.0.113.5"
[[number]]
number = "*"
to = "queue:sales"
"""


class Town:
    """A house of one queue and one trunk, with its time."""

    def __init__(
        self, *alarms: AlarmConfig, hours: tuple[HoursConfig, ...] = (), figures: AlarmFigures | None = None
    ) -> None:
        self.clock = VirtualClock(1_700_000_000.0)  # a Wednesday in Shanghai, 06:13
        self.log = MemoryLog(self.clock)
        self.config = Config(queues=(QueueConfig("sales", service_level_s=20.0),), alarms=alarms, hours=hours)
        self.waits_since: float | None = None
        self.on_duty = 1
        self.down = False
        self.watch = AlarmWatch(self.config, self._board, self._trunks, self.log, self.clock, figures)

    def _trunks(self) -> dict[str, bool]:
        return {"carrier": self.down}

    def _board(self) -> Board:
        waiting = () if self.waits_since is None else (WaitingView("e", "c", "sales", self.waits_since, 0, ""),)
        tally = Tally(0, 0, 0, 0, 0, 0, len(waiting))
        queue = QueueView("sales", "销售", waiting, 2, self.on_duty, 0, tally)
        return Board(self.clock.now(), (queue,), ())

    def pass_time(self, seconds: int) -> list[object]:
        """What is told meanwhile."""
        before = len(self.log.events)
        for _ in range(seconds):
            self.watch.look()
            self.clock.advance(1.0)
        return [event.fact for event in self.log.events[before:]]


def test_a_long_wait() -> None:
    town = Town(AlarmConfig("wait", "longest_wait", limit=30, clear=5, for_s=3, clear_after_s=2))
    town.waits_since = town.clock.now()
    assert town.pass_time(34) == []
    assert town.pass_time(1) == [AlarmRaised("wait", "longest_wait", "sales", 34.0, 30.0)]
    town.waits_since = None
    assert town.pass_time(3) == [AlarmCleared("wait", "longest_wait", "sales", 0.0, 3.0, worst=34.0)]


def test_the_board_has_what_an_alarm_reads_now_and_its_worst() -> None:
    figures = AlarmFigures()
    town = Town(AlarmConfig("agents", "no_agents", limit=3, clear=3, for_s=0, clear_after_s=0), figures=figures)
    board = LiveBoard(Directory(), figures)
    town.log.bus.subscribe(board.apply)
    for on_duty in (2, 0, 1):
        town.on_duty = on_duty
        town.pass_time(6)
    [alarm] = board.alarms(town.clock.now())
    assert (alarm.value, alarm.worst, alarm.limit, town.clock.now() - alarm.since) == (1.0, 0.0, 3.0, 18.0)
    assert len(town.log.events) == 1, "the log is not told of each figure"
    town.on_duty = 3
    [cleared] = town.pass_time(1)
    assert isinstance(cleared, AlarmCleared) and cleared.worst == 0.0
    assert board.alarms(town.clock.now()) == []


def test_no_agents_and_a_trunk_down() -> None:
    town = Town(
        AlarmConfig("agents", "no_agents", for_s=0, clear_after_s=0), AlarmConfig("line", "trunk_down", for_s=0)
    )
    assert town.pass_time(5) == []
    town.on_duty, town.down = 0, True
    assert town.pass_time(5) == [
        AlarmRaised("agents", "no_agents", "sales", 0.0, 1.0), AlarmRaised("line", "trunk_down", "carrier", 1.0, 0.5),
    ]  # fmt: skip
    town.on_duty = 1
    assert town.pass_time(1) == [AlarmCleared("agents", "no_agents", "sales", 1.0, 5.0, worst=0.0)]


def test_a_service_level_from_the_log() -> None:
    town = Town(AlarmConfig("level", "service_level", for_s=0, clear_after_s=0, at_least=4, over_min=1))
    for wait_s in (5.0, 5.0, 25.0, 5.0):
        town.watch.note(Event("e", town.clock.now(), "c", QueueLeft("e", "sales", "answered", wait_s)))
    assert town.pass_time(1) == [AlarmRaised("level", "service_level", "sales", 0.75, 0.8)]
    assert [type(fact) for fact in town.pass_time(70)] == [AlarmCleared], "they are too long ago to say anything"


def test_outside_of_its_hours_nobody_is_missed_and_a_reload_takes_alarms_away() -> None:
    hours = (HoursConfig("main", ("daily 06:00-06:14",), holidays=""),)
    town = Town(AlarmConfig("agents", "no_agents", for_s=0, clear_after_s=0, hours="main"), hours=hours)
    town.on_duty = 0
    assert [type(fact) for fact in town.pass_time(80)] == [AlarmRaised, AlarmCleared]
    town.watch.change(replace(town.config, alarms=(AlarmConfig("agents", "no_agents", for_s=0),)))
    assert [type(fact) for fact in town.pass_time(1)] == [AlarmRaised]
    town.watch.change(replace(town.config, alarms=()))
    assert [getattr(event.fact, "why", "") for event in town.log.events][-1] == "gone"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('name = "a"', "kind is missing"),
        ('name = "a"\nkind = "noise"', "must be one of longest_wait, service_level, no_agents, trunk_down"),
        ('name = "a"\nkind = "longest_wait"\nqueue = "sale"', "there is no queue 'sale'"),
        ('name = "a"\nkind = "longest_wait"\ntrunk = "carrier"', "looks at a queue"),
        ('name = "a"\nkind = "trunk_down"\ntrunk = "other"', "there is no trunk 'other'"),
        ('name = "a"\nkind = "trunk_down"\nqueue = "sales"', "looks at a trunk"),
        ('name = "a"\nkind = "longest_wait"\nlimit = 60\nclear = 90', "must not be above limit"),
        ('name = "a"\nkind = "service_level"\nlimit = 0.8\nclear = 0.7', "must not be below limit"),
        ('name = "a"\nkind = "service_level"\nlimit = 80', "is a share from 0 to 1"),
        ('name = "a"\nkind = "no_agents"\nhours = "night"', "there is no [[hours]] 'night'"),
        ('name = "a"\nkind = "no_agents"\n[[alarm]]\nname = "a"\nkind = "no_agents"', "there are two [[alarm]] 'a'"),
        ('name = "a"\nkind = "no_agents"\n[webhook]\nurl = "ftp://x"', "must be an address such as"),
        ('name = "a"\nkind = "no_agents"\n[webhook]\nevents = ["all"]', "must be the beginning of a name"),
    ],
)
def test_what_is_refused(tmp_path: Path, lines: str, complaint: str) -> None:
    path = tmp_path / "line400.toml"
    path.write_text(f"{HEAD}[[alarm]]\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        read_config(path)
    assert any(complaint in problem for problem in told.value.problems), told.value.problems


def test_what_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "line400.toml"
    kinds = ("longest_wait", "service_level", "no_agents", "trunk_down")
    alarms = "".join(f'[[alarm]]\nname = "{kind}"\nkind = "{kind}"\n' for kind in kinds)
    path.write_text(f'{HEAD}{alarms}[webhook]\nurl = "http://127.0.0.1:1/x"\nsecret = "env:S"\n', encoding="utf-8")
    config = read_config(path, {"S": "hush"}).config
    assert [alarm.name for alarm in config.alarms] == list(kinds)
    assert config.webhook.secret == "hush"
