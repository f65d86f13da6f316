"""Further attempts in the configuration: what may be written, and what becomes of it."""

from pathlib import Path

import pytest

from campaigns.attempt import Result
from campaigns.list_order import Order
from campaigns.retry import USUAL_WAITS, RetryPlan, Wait, When
from core.errors import ConfigError
from service import from_config
from service.config import read_config

CAMPAIGN = """[[trunk]]
name = "carrier"
host = "203.0.113.5"
[[campaign]]
name = "visits"
trunk = "carrier"
caller_id = "4008001234"
"""


def plan(tmp_path: Path, text: str = "") -> tuple[RetryPlan, Order]:
    path = tmp_path / "line400.toml"
    path.write_text(CAMPAIGN + text, encoding="utf-8")
    config = read_config(path, {}).config
    made = from_config.plan_of(config.campaigns[0], config)
    return made.retry, made.order


def test_without_a_word_the_usual_plan_holds(tmp_path: Path) -> None:
    retry, order = plan(tmp_path)
    assert (retry.attempts, retry.per_number, dict(retry.waits)) == (3, 3, dict(USUAL_WAITS))
    assert retry.hours is not None and order is Order.LIST


def test_what_is_written_holds(tmp_path: Path) -> None:
    text = 'order = "newest"\n[campaign.retry]\nattempts = 5\nbusy = "2 h"\nhung_up = "next day"\n'
    other = '[[campaign]]\nname = "b"\ntrunk = "carrier"\ncaller_id = "4008001234"\n'
    retry, order = plan(tmp_path, text + other)
    assert (retry.attempts, order) == (5, Order.NEWEST)
    assert retry.waits[Result.BUSY] == Wait(When.AFTER, 7200.0)
    assert retry.waits[Result.HUNG_UP] == Wait(When.DAY)
    assert retry.waits[Result.COMPLETED] == Wait(When.NEVER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[campaign.retry]\nbusy = "soon"\n', 'line400.toml:9: campaign[1].retry.busy: must be "10 min", "2 h"'),
        ("[campaign.retry]\nattempts = 0\n", "line400.toml:9: campaign[1].retry.attempts: must be from 1 to 20"),
        (
            '[campaign.retry]\nbusi = "2 h"\n',
            "line400.toml:9: campaign[1].retry.busi: unknown key; did you mean 'busy'?",
        ),
        ("[campaign.retry]\nfax = 3\n", "line400.toml:9: campaign[1].retry.fax: must be a text in quotes"),
        ("retry = 3\n", "line400.toml:8: campaign[1].retry: must be a table"),
        ('order = "best"\n', "line400.toml:8: campaign[1].order: must be one of list, newest, again"),
    ],
)
def test_what_cannot_be_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(tmp_path, text)
    assert [problem for problem in caught.value.problems if problem.startswith(expected)], caught.value.problems
