"""How the parts of the house are told to the console."""

import inspect
import re

import pytest

from console.web import PAGES
from service import console_deps, phone_status, qualify, registrations
from service.console_deps import SLOW_S, loop_part
from service.loopwatch import LagReport


def lag(recent_s: float) -> LagReport:
    return LagReport(600.4, 100_000, 0.001, 7, 1.25, 0.1, 0.031, recent_s)


@pytest.mark.parametrize(("recent_s", "state"), [(0.0, "ok"), (SLOW_S - 0.01, "ok"), (SLOW_S, "degraded")])
def test_the_control_process_is_judged_by_what_was_lately(recent_s: float, state: str) -> None:
    part = loop_part(lag(recent_s))
    assert part.state == state
    assert part.values == [7, 600, 1250, 31, round(1000 * recent_s)]
    assert "7 stops over 20 ms in 600 s, worst 1250 ms" in part.detail


def test_the_pages_have_words_for_every_code() -> None:
    words = (PAGES / "words.js").read_text("utf-8")
    known = set(re.findall(r'"detail\.(\w+)"', words))
    sources = "".join(inspect.getsource(module) for module in (console_deps, registrations, qualify, phone_status))
    kinds = "trunk|database|media|recogniser|event_loop|recordings|phones"
    told = set(re.findall(rf'"((?:{kinds})_(?!folder)\w+)"', sources))
    assert len(told) == 13 and told == known
