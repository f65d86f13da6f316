"""Each result has a word, the same in tables that leave the house as on the pages."""

import re
from pathlib import Path

from campaigns.attempt import Result
from campaigns.holdout import UNCALLED
from campaigns.result_words import RESULT_WORDS, in_words
from campaigns.rules.table import RULES

WORDS = Path(__file__).resolve().parents[3] / "console" / "pages" / "words.js"
WAITS = {"complaint", "abandoned", "person_day", "person_30_days", "number_day", "number_30_days"}
"""Rules that end by themselves."""


def test_each_result_has_the_word_that_it_has_on_the_pages() -> None:
    wanted = {*Result, *UNCALLED, *(f"barred_{rule.name}" for rule in RULES if rule.name not in WAITS)}
    assert set(RESULT_WORDS) == {str(one) for one in wanted}
    text = WORDS.read_text(encoding="utf-8")
    shown = re.findall(r'^  "result\.(\w+)": \["([^"]*)", "([^"]*)"\]', text, re.MULTILINE)
    assert {key: (zh, en) for key, zh, en in shown} == RESULT_WORDS
    assert in_words(RESULT_WORDS, "no_answer") == "无人接听 No answer"
    assert in_words(RESULT_WORDS, "new_one") == "new_one"
