"""What people read on the pages: each word is said once, and each word that a page asks for is there."""

import re
from collections import Counter
from pathlib import Path

from campaigns.attempt import Result
from campaigns.gate import CampaignState
from campaigns.holdout import UNCALLED
from campaigns.rules.table import BY_NAME
from campaigns.rules.values import BARRED, BarKind, Purpose

PAGES = Path(__file__).resolve().parents[3] / "console" / "pages"
KEYS = re.findall(r'^  "?([\w.]+)"?: \[', (PAGES / "words.js").read_text(encoding="utf-8"), re.MULTILINE)


def test_no_word_is_said_twice() -> None:
    """In JavaScript the later one would win without a sound."""
    assert [key for key, count in Counter(KEYS).items() if count > 1] == []


def test_every_word_that_is_asked_for_by_name_is_there() -> None:
    scripts = [*PAGES.glob("*.js"), *PAGES.glob("views/*.js")]
    code = [re.sub(r"^ *//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in scripts]
    asked = {key for text in code for key in re.findall(r'\bt\("([\w.]+)"', text)}
    assert len(asked) > 100
    assert asked - set(KEYS) == set()


def test_who_waits_to_be_called_is_not_said_to_be_uncalled() -> None:
    """Many of those pending were called before, and wait to be called again."""
    text = (PAGES / "words.js").read_text(encoding="utf-8")
    for key in ("campaigns.live.pending", "campaigns.dry.sum", "campaigns.dry.empty"):
        words = next(line for line in text.splitlines() if line.startswith(f'  "{key}":'))
        assert "待拨" in words and "未拨" not in words, words


def test_every_result_of_a_contact_has_its_word() -> None:
    """Of the rules all but those that open with time, of whom none ends a contact for good."""
    with_time = {"complaint", "abandoned", "person_day", "person_30_days", "number_day", "number_30_days"}
    assert with_time <= set(BY_NAME)
    results = {*Result, *UNCALLED, *(f"{BARRED}{rule}" for rule in BY_NAME if rule not in with_time)}
    wanted = {f"result.{name}" for name in results} | {f"bar.{kind}" for kind in BarKind}
    wanted |= {f"purpose.{purpose}" for purpose in Purpose} | {f"campaign.{state}" for state in CampaignState}
    assert sorted(wanted - set(KEYS)) == []
