"""Ratings in the configuration."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from desk.rating import RatingRules
from service import from_config
from service.config import Loaded, read_config

BASE = """
[[agent]]
id = "101"
password = "x"
[[number]]
number = "*"
to = "queue:sales"
[[queue]]
name = "sales"
agents = ["101"]
"""
NO_QUESTION = 'name = "mute"\nstart = "end"\n[nodes.end]\nkind = "hangup"\n'
LEADS_ON = """
name = "on"
start = "score"
[nodes.score]
kind = "question"
prompts = ["rate_service"]
low = 1
high = 5
goto = "end"
fallback = "end"
[nodes.end]
kind = "queue"
queue = "sales"
"""


def read(tmp_path: Path, text: str) -> Loaded:
    path = tmp_path / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path, {})


def test_a_queue_asks_nobody_unless_it_says_so(tmp_path: Path) -> None:
    assert from_config.ratings_of(read(tmp_path, BASE).config) == {}
    config = read(tmp_path, BASE + 'rating = "rating"\nrating_low = 1\n').config
    assert from_config.ratings_of(config) == {"sales": RatingRules("rating", 1)}


def test_a_flow_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no flow 'ratings'; did you mean 'rating'"):
        read(tmp_path, BASE + 'rating = "ratings"\n')


@pytest.mark.parametrize(
    ("flow", "wrong"), [(NO_QUESTION, "asks for no number"), (LEADS_ON, "must end with kind hangup")]
)
def test_a_flow_that_cannot_rate(tmp_path: Path, flow: str, wrong: str) -> None:
    (tmp_path / "own.toml").write_text(flow, encoding="utf-8")
    with pytest.raises(ConfigError, match=wrong):
        read(tmp_path, BASE + 'rating = "own"\n[[flow]]\nname = "own"\nfile = "own.toml"\n')


def test_low_scores() -> None:
    rules = RatingRules("rating", 2)
    assert [rules.is_low(score) for score in range(1, 6)] == [True, True, False, False, False]
