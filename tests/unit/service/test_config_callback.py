"""Calling back in the configuration: what may be written, and what becomes of it."""

from pathlib import Path

import pytest

from acd.callbacks import CallbackRules
from core.errors import ConfigError
from service import from_config
from service.config import Loaded, read_config
from service.config_callback import callback_terms

REST = """
[[trunk]]
name = "carrier"
host = "203.0.113.5"
[[hours]]
name = "office"
open = ["daily 08:00-20:00"]
[[agent]]
id = "101"
password = "secret of a phone"
[[number]]
number = "*"
to = "queue:sales"
[[queue]]
name = "sales"
agents = ["101"]
"""


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path, {})


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    told = """
[callback]
trunk = "carrier"
caller_id = "4008001234"
tries = 5
retry_min = 2
holds_h = 1.5
hours = "office"
ring_timeout_s = 25
record = false
lead_s = 15
listen_s = 4
"""
    loaded = read(tmp_path, told + REST + 'callback_key = "1"\ncallback_first = "customer"\n')
    assert loaded.warnings == ()
    (rules,) = from_config.queues_of(loaded.config)
    assert (rules.callback_key, rules.callback_lead_s) == ("1", 15)
    hours = from_config.hours_of(loaded.config)
    terms = callback_terms(loaded.config, hours)
    assert terms.rules == CallbackRules(5, 120.0, 5400.0)
    assert (terms.trunk, terms.caller_id, terms.ring_timeout_s, terms.record) == ("carrier", "4008001234", 25, False)
    assert terms.hours is hours["office"]
    assert terms.customer_first == {"sales"}
    assert terms.listen_s == 4


def test_nobody_is_called_back_by_itself(tmp_path: Path) -> None:
    loaded = read(tmp_path, REST)
    assert from_config.queues_of(loaded.config)[0].callback_key == ""
    assert callback_terms(loaded.config, {}).trunk == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REST + 'callback_key = "1"\n', "queue[1].callback_key: needs [callback] trunk"),
        (REST + 'callback_key = "12"\n', "queue[1].callback_key: must be one of"),
        (REST + 'callback_first = "boss"\n', "queue[1].callback_first: must be one of agent, customer"),
        ('[callback]\ntrunk = "carier"\n' + REST, "callback.trunk: there is no trunk 'carier'"),
        ('[callback]\nhours = "night"\n' + REST, "callback.hours: there is no [[hours]] 'night'"),
        ("[callback]\nlisten_s = 60\n" + REST, "callback.listen_s: must be from 0 to 10 seconds"),
        ("[callback]\ntries = 0\n" + REST, "callback.tries: must be from 1 to 20"),
        ("[callback]\nretries = 1\n" + REST, "callback.retries: unknown key"),
    ],
)
def test_every_fault_says_where(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert any(expected in problem for problem in caught.value.problems), caught.value.problems
