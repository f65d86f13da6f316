"""Queues' ways in the configuration: what may be written, what becomes of it, and what is told of mistakes."""

from pathlib import Path

import pytest

from acd.queues import There
from core.errors import ConfigError
from ivr.hours import HoursStatus
from ivr.prompts import Prompts
from service import from_config
from service.config import Loaded, read_config
from service.config_ways import ways_of
from service.routes import Destination, RouteKind
from service.ways import CallBack, Elsewhere, HangUp, Say, parse_key, parse_step

HOUSE = """
[transfer]
trunk = "carrier"
[[trunk]]
name = "carrier"
host = "192.0.2.1"
[[agent]]
id = "101"
password = "secret of a phone"
[[number]]
number = "*"
to = "queue:sales"
[[hours]]
name = "office"
open = ["mon-fri 08:30-17:30"]
[[queue]]
name = "night"
agents = ["101"]
"""
QUEUE = '[[queue]]\nname = "sales"\nagents = ["101"]\n'


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path, {})


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("queue:night", Destination(RouteKind.QUEUE, "night")),
        ("voicemail:night", Destination(RouteKind.VOICEMAIL, "night")),
        ("agent:101", Destination(RouteKind.AGENT, "101")),
        ("flow:main", Destination(RouteKind.FLOW, "main")),
        ("number:02112345678", Elsewhere("02112345678")),
        ("number:+8613900139000@carrier", Elsewhere("+8613900139000", "carrier")),
        ("say:holiday", Say("holiday")),
        ("callback", CallBack()),
        ("hangup", HangUp()),
    ],
)
def test_a_step(text: str, step: object) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize(
    "text",
    ["", "hangup:now", "callback:sales", "queue", "queue:", "say:../x", "number:", "number:12x", "number:1@", "x:y"],
)
def test_no_step(text: str) -> None:
    with pytest.raises(ValueError, match=r"write one of flow:NAME, .*number:NUMBER@TRUNK, say:PROMPT, hangup"):
        parse_step(text)


def test_a_key() -> None:
    assert parse_key("9 -> voicemail:sales") == ("9", (Destination(RouteKind.VOICEMAIL, "sales"),))
    assert parse_key(" * ->agent:101,  hangup") == ("*", (Destination(RouteKind.AGENT, "101"), HangUp()))
    for text in ("", "9", "9 ->", "99 -> hangup", "x -> hangup", "9 -> nowhere", "9 -> hangup,"):
        with pytest.raises(ValueError, match=r"is no key; write|is no destination; write"):
            parse_key(text)


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    queue = """hours = "office"
closed = ["say:closed_hours", "queue:night"]
overflow = ["agent:101", "number:02112345678@carrier", "voicemail:sales"]
overflow_keeps_wait = false
enter_while = "signed-in"
stay_while = "on-duty"
keys = ["0 -> agent:101, voicemail:sales", "# -> hangup"]
music = ["hold_music", "welcome"]
messages = ["menu_main"]
announce_place = false
announce_wait = false
"""
    loaded = read(tmp_path, HOUSE + QUEUE + queue)
    assert loaded.warnings == ()
    _, rules = from_config.queues_of(loaded.config)
    assert rules.overflow_to == ("agent:101", "number:02112345678@carrier", "voicemail:sales")
    assert (rules.enter_while, rules.stay_while) == (There.SIGNED_IN, There.ON_DUTY)
    assert rules.exit_keys == {"0", "#"}
    assert (rules.announce_place, rules.announce_wait) == (False, False)
    ways = ways_of(loaded.config, Prompts())
    sales, night = ways["sales"], ways["night"]
    assert sales.hours == from_config.hours_of(loaded.config)["office"]
    assert sales.closed == (Say("closed_hours"), Destination(RouteKind.QUEUE, "night"))
    assert sales.keys["0"] == (Destination(RouteKind.AGENT, "101"), Destination(RouteKind.VOICEMAIL, "sales"))
    assert not sales.keeps_wait
    assert sales.announcer is not None
    assert [path.stem for path in sales.announcer.music()] == ["hold_music", "welcome"]
    assert (night.hours, night.keys, night.keeps_wait, night.announcer) == (None, {}, True, None)
    assert night.status(0.0) is HoursStatus.OPEN


@pytest.mark.parametrize("written", ["", "hangup", "queue:night"])
def test_an_overflow_in_one_word_is_still_right(tmp_path: Path, written: str) -> None:
    config = read(tmp_path, HOUSE + QUEUE + f'overflow = "{written}"\n').config
    assert from_config.queues_of(config)[1].overflow_to == ((written,) if written else ())


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('hours = "offic"', "queue[2].hours: there is no hours 'offic'; did you mean 'office'?"),
        ('closed = ["queue:nihgt"]', "queue[2].closed: there is no queue 'nihgt'; did you mean 'night'?"),
        ('overflow = ["hangup", "agent:9"]', "queue[2].overflow: there is no agent '9'; known: 101"),
        ('overflow = ["queue:sales"]', "queue[2].overflow: leads back to the same queue"),
        ('overflow = ["say:nothing"]', "queue[2].overflow: there is no prompt 'nothing'"),
        ('overflow = ["number:02112345678@carier"]', "there is no trunk 'carier'; did you mean 'carrier'?"),
        ('overflow = ["number:0085221234567"]', "queue[2].overflow: 0085221234567 may not be called: "),
        ('keys = ["9"]', "queue[2].keys: '9': '9' is no key; write a key"),
        ('keys = ["9 -> flow:none"]', "queue[2].keys: there is no flow 'none'"),
        ('keys = ["9 -> hangup", "9 -> agent:101"]', "queue[2].keys: names a key twice"),
        ('enter_while = "manned"', "queue[2].enter_while: must be one of always, signed-in, on-duty, free"),
        ('stay_while = "free"', "queue[2].stay_while: must be one of always, signed-in, on-duty"),
        ('music = ["radio"]', "queue[2].music: there is no prompt 'radio'"),
        ('overflow = ["callback"]', "queue[2].overflow: callback needs [callback] trunk"),
        ('keys = ["9 -> callback"]', "queue[2].keys: callback needs [callback] trunk"),
        ('messages = ["offers"]', "queue[2].messages: there is no prompt 'offers'"),
    ],
)
def test_every_fault_says_where_and_how_to_mend(tmp_path: Path, key: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, HOUSE + QUEUE + key + "\n")
    line = (HOUSE + QUEUE).count("\n") + 1
    assert caught.value.problems[0].startswith(f"line400.toml:{line}: ")
    assert expected in caught.value.problems[0]


def test_numbers_outside_need_a_trunk(tmp_path: Path) -> None:
    house = HOUSE.replace('[transfer]\ntrunk = "carrier"\n', "")
    read(tmp_path, house + QUEUE + 'overflow = ["number:02112345678@carrier"]\n')
    with pytest.raises(ConfigError, match=r"write number:02112345678@TRUNK, or name a trunk in \[transfer\]"):
        read(tmp_path, house + QUEUE + 'overflow = ["number:02112345678"]\n')


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('overflow = ["voicemail:x", "agent:101"]', "queue sales: overflow: step 1 keeps the call"),
        ('closed = ["hangup"]', "queue sales: closed does nothing without hours"),
        ('overflow = ["agent:101", "queue:night"]\n', ""),
    ],
)
def test_what_deserves_a_second_look(tmp_path: Path, key: str, expected: str) -> None:
    warnings = read(tmp_path, HOUSE + QUEUE + key + "\n").warnings
    assert [warning[: len(expected)] for warning in warnings] == ([expected] if expected else [])


@pytest.mark.parametrize("hours", ["", 'hours = "office"\n'])
def test_callers_of_a_closed_queue_are_called_back_by_day(tmp_path: Path, hours: str) -> None:
    house = f'[callback]\ntrunk = "carrier"\n{hours}{HOUSE}{QUEUE}hours = "office"\nclosed = ["callback", "hangup"]\n'
    loaded = read(tmp_path, house)
    assert ways_of(loaded.config, Prompts())["sales"].closed == (CallBack(), HangUp())
    assert [warning[:24] for warning in loaded.warnings] == ([] if hours else ["queue sales: closed: cal"])


def test_a_circle_of_queues_is_told(tmp_path: Path) -> None:
    house = HOUSE.replace('name = "night"\n', 'name = "night"\noverflow = ["agent:101", "queue:sales"]\n')
    (told,) = read(tmp_path, house + QUEUE + 'overflow = ["queue:night"]\n').warnings
    assert told.startswith("queue night: callers may go round: night → sales → night; after 12 steps")
    assert read(tmp_path, house + QUEUE + 'keys = ["1 -> queue:night"]\n').warnings == (), "who presses goes willingly"
