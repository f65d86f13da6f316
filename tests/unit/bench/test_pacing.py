"""``bench.pacing``: figures by hand, the world's books, and what is published about others' pacing."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.pacing.baselines import Adaptive, Progressive, RingingRatio
from bench.pacing.figures import Row, row_of, windows
from bench.pacing.paper import BEGIN, END, bars, table
from bench.pacing.run import _last
from bench.pacing.settings import Setting
from bench.pacing.world import Tally, World, answer_shares
from campaigns.pacing.state import Reached, State
from reports.pictures import to_svg

SHORT = Setting("short", 8, 1.0)
ROW = Row("p", "s", 5, 100.0, 60.0, 2.0, 2.9, 0.0, 1000, 20)


def slow_windows(people: list[tuple[float, int]]) -> list[float]:
    shares = []
    for last, (now, _) in enumerate(people):
        inside = [lost for at, lost in people[: last + 1] if at > now - 3600]
        if len(inside) < 100:
            inside = [lost for _, lost in people[max(0, last - 99) : last + 1]]
        if len(inside) >= 100:
            shares.append(sum(inside) / len(inside))
    return shares


@pytest.mark.parametrize("gap_s", [5.0, 20.0, 90.0])
def test_a_window_is_an_hour_or_as_long_as_a_hundred_answers_take(gap_s: float) -> None:
    people = [(gap_s * number, int(number % 37 == 0)) for number in range(900)]
    assert windows(people) == pytest.approx(slow_windows(people))


def test_a_row_is_of_all_runs() -> None:
    few = [(10.0 * number, int(number < 4)) for number in range(100)]
    tallies = [Tally(90.0, 600.0, 3600.0, 300, few), Tally(110.0, 400.0, 3600.0, 300, [(5.0, 0)] * 300)]
    row = row_of("p", "s", 5, tallies)
    assert (row.idle_s_per_agent_hour, row.abandon_pct, row.worst_window_abandon_pct) == (100.0, 1.0, 4.0)
    assert (row.talk_pct, row.answered, row.seeds, row.holds) == (13.89, 400, 2, False)


def test_time_of_agents_adds_up_and_nobody_is_counted_twice() -> None:
    world = World(replace(SHORT, work_s=1e9), RingingRatio(3.0), 3)
    tally = world.run()
    assert tally.agent_s == pytest.approx(8 * 3600.0, rel=0.02)  # talks that still go on at the end are left out
    assert 0 < tally.idle_s < tally.agent_s and 0 < tally.talk_s < tally.agent_s
    assert [at for at, _ in tally.people] == sorted(at for at, _ in tally.people)


def test_one_call_for_each_free_agent_abandons_next_to_nobody() -> None:
    tally = World(SHORT, Progressive(), 1).run()
    assert sum(lost for _, lost in tally.people) <= 1 and len(tally.people) > 60


def test_shares_drift_and_jump_but_not_where_they_should_not() -> None:
    steady = answer_shares(replace(SHORT, drift=0.0, shocks=0.0, answer=0.3), 1)
    assert set(steady) == {0.3}
    shocked = answer_shares(replace(SHORT, hours=20.0, drift=0.0, shocks=1.0, answer=0.3), 1)
    assert {round(share, 3) for share in shocked} == {0.15, 0.3, 0.54}


@pytest.mark.parametrize(
    ("policy", "state", "dials"),
    [
        (Progressive(), State(3, ringing_since=(0.0,)), 2),
        (Progressive(), State(0, talks_since=(0.0,)), 0),
        (RingingRatio(2.5), State(3, ringing_since=(0.0,)), 6),
        (RingingRatio(2.5), State(0, talks_since=(0.0,)), 0),
    ],
)
def test_ratios(policy: Progressive | RingingRatio, state: State, dials: int) -> None:
    assert policy.decide(0.0, state) == dials


def levels(method: str, dropped: int, at_s: float = 0.0) -> list[int]:
    """Lines that ten agents, nine of whom talk, get after each quarter minute; 100 answered, ``dropped`` of them."""
    policy, lines = Adaptive(method), []
    told = tuple(Reached(number < dropped) for number in range(100))
    for turn in range(36):
        state = State(1, talks_since=(0.0,) * 9, happened=told if turn == 0 else ())
        added = policy.decide(at_s + 2.5 * turn, state)
        if turn % 6 == 5:
            lines.append(added + 9)
    return lines


def test_the_level_grows_by_the_share_of_agents_who_wait_until_the_limit() -> None:
    assert levels("ADAPT_HARD_LIMIT", 2) == [11, 12, 13, 14, 16, 17]


def test_over_the_cap_the_methods_differ_as_published() -> None:
    assert levels("ADAPT_HARD_LIMIT", 4) == [10] * 6
    assert levels("ADAPT_AVERAGE", 4) == [10] * 6
    assert levels("ADAPT_TAPERED", 4, at_s=7 * 3600.0) == [10] * 6  # one hour left: a tenth
    assert levels("ADAPT_TAPERED", 4) == [10] * 6  # eight hours left: 1.1 x 0.8


def test_the_last_place_that_holds_is_found() -> None:
    assert [_last(10, lambda place, limit=limit: place <= limit) for limit in (-1, 0, 4, 9)] == [-1, 0, 4, 9]


def test_table_and_pictures_say_who_broke_the_cap() -> None:
    rows = [ROW, replace(ROW, policy="q", worst_window_abandon_pct=4.0)]
    assert "| 2.90 % |" in table(rows) and "| 4.00 % ✗ |" in table(rows)
    root = ElementTree.fromstring(to_svg(bars(rows)))
    assert {box.get("fill") for box in root.iter("{http://www.w3.org/2000/svg}rect")} == {"#2e7d32", "#c62828"}


def test_the_document_shows_what_was_measured() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "pacing.md").read_text(encoding="utf-8")
    measured = text.partition(BEGIN)[2].partition(END)[0]
    for policy in ("**Line400**", "progressive", "ADAPT_TAPERED"):
        assert measured.count(f"| {policy} |") >= 3, policy
