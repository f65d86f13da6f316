"""The pacer: what it must never do, whatever the floor looks like; and a small campaign from fixed seeds."""

import pickle
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pacing.baselines import Progressive
from bench.pacing.figures import row_of
from bench.pacing.run import Ours
from bench.pacing.settings import Setting
from bench.pacing.world import World
from campaigns.pacing.answering import JUMP
from campaigns.pacing.forecast import HORIZONS_S
from campaigns.pacing.pacer import Pacer, Rules
from campaigns.pacing.state import Happened, Reached, RingOver, State, TalkOver, WrapUpOver

SMALL = Setting("small", 10, 3.0)


def history(seed: int, calls: int, *, abandoned_every: int = 0) -> tuple[Happened, ...]:
    """Calls of which three in ten are answered; talks of about 150 s."""
    lots, told, people = random.Random(seed), list[Happened](), 0
    for _ in range(calls):
        person = lots.random() < 0.3
        told.append(RingOver(lots.uniform(4, 20) if person else 35.0, person))
        if person:
            people += 1
            told.append(Reached(bool(abandoned_every) and people % abandoned_every == 0))
            told.append(TalkOver(lots.uniform(30, 270)))
            told.append(WrapUpOver(lots.uniform(10, 30)))
    return tuple(told)


def taught(seed: int = 1, calls: int = 1500) -> Pacer:
    pacer = Pacer()
    pacer.decide(0.0, State(0, happened=history(seed, calls)))
    pacer.decide(100.0, State(0))
    return pacer


TAUGHT = taught()
ages = st.lists(st.floats(0, 400), max_size=30).map(tuple)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 90), max_size=60).map(tuple), st.integers(0, 9))
def test_without_agents_nothing_is_dialled(ringing: tuple[float, ...], waiting: int) -> None:
    assert TAUGHT.decide(100.0, State(0, ringing_since=ringing, waiting=waiting)) == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 12), ages, ages, ages, st.integers(0, 4))
def test_more_free_agents_never_mean_fewer_calls(
    free: int, talks: tuple[float, ...], wraps: tuple[float, ...], ringing: tuple[float, ...], waiting: int
) -> None:
    state = State(free, talks, wraps, ringing, waiting)
    fewer = TAUGHT.decide(400.0, state)
    assert fewer <= TAUGHT.decide(400.0, replace(state, free=free + 1))
    assert fewer >= min(max(free - waiting - len(ringing), 0), TAUGHT.rules.lines - len(ringing))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 8), ages, ages, ages, st.integers(0, 1))
def test_what_is_in_flight_breaks_the_budget_no_more_often_than_the_risk(
    free: int, talks: tuple[float, ...], wraps: tuple[float, ...], ringing: tuple[float, ...], waiting: int
) -> None:
    """Neither in expectation nor but once in a thousand times: what is dialled beyond one for each free agent fits."""
    state = State(free, talks, wraps, ringing, waiting)
    more = TAUGHT.decide(400.0, state)
    if more <= max(0, free - waiting - len(ringing)):
        return
    room, ahead = TAUGHT.budget.room(TAUGHT.enough(state)), TAUGHT.forecast(400.0, state)
    assert ahead.risk(more, room, TAUGHT.odds_ratio) <= TAUGHT.rules.risk
    expected = sum(ahead.risk(more, lost, TAUGHT.odds_ratio) for lost in range(40)) / len(HORIZONS_S)
    assert expected <= room + 0.01


def test_the_forecast_of_a_loss_is_no_less_than_what_drawn_lots_say() -> None:
    """Ten calls dialled now, two agents free, nobody else: how often does an eleventh find none?"""
    pacer, lots = taught(), random.Random(8)
    chance, hits, people = pacer.chance.mean, 0, 0
    for _ in range(5_000):
        moments = [lots.uniform(4, 20) for _ in range(10) if lots.random() < chance]
        mine = lots.uniform(4, 20)
        people += 1
        hits += sum(moment <= mine for moment in moments) >= 2
    loss = pacer.forecast(0.0, State(2)).loss(10)
    assert hits / people - 0.02 <= loss <= 1.0 - 0.7**10  # never made light of; answers count as if at a span's end


def test_no_more_than_the_lines_there_are() -> None:
    pacer = Pacer(Rules(lines=7))
    pacer.decide(0.0, State(0, happened=history(1, 600)))
    assert pacer.decide(1.0, State(30)) == 7
    assert pacer.decide(1.0, State(30, ringing_since=(0.0,) * 9)) == 0


def test_no_more_than_so_many_for_each_agent_however_few_answer() -> None:
    pacer = Pacer(Rules(per_agent=2.5))
    nobody = (RingOver(35.0, False),) * 600
    pacer.decide(0.0, State(0, happened=(*nobody, *(Reached(False),) * 200)))
    pacer.decide(100.0, State(0, happened=nobody[:10]))
    assert pacer.decide(100.0, State(4)) == 10
    assert Pacer().rules.per_agent == 4.0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 8), ages, ages, ages)
def test_a_jump_that_nothing_has_shown_yet_is_reckoned_with(
    free: int, talks: tuple[float, ...], wraps: tuple[float, ...], ringing: tuple[float, ...]
) -> None:
    state = State(free, talks, wraps, ringing)
    more = TAUGHT.decide(400.0, state)
    if more <= max(0, free - len(ringing)):
        return
    ahead, doubled = TAUGHT.forecast(400.0, state), TAUGHT.odds_ratio * JUMP
    assert ahead.risk(more, TAUGHT.budget.room(TAUGHT.enough(state)), doubled) <= TAUGHT.rules.jump_risk


def test_before_anything_is_known_one_call_for_each_free_agent() -> None:
    pacer = Pacer()
    assert pacer.decide(0.0, State(4)) == 4
    assert pacer.decide(1.0, State(4, ringing_since=(0.0, 0.0, 0.0))) == 1
    assert pacer.decide(1.0, State(1, talks_since=(0.0,) * 5, waiting=1)) == 0


def test_where_the_budget_is_spent_only_free_agents_are_rung_for() -> None:
    pacer = taught()
    assert pacer.decide(5000.0, State(8)) > 8
    pacer.decide(5000.0, State(0, happened=tuple(Reached(True) for _ in range(8))))
    assert pacer.budget.room(100) < 0 and pacer.decide(5000.0, State(8)) == 8


def test_the_more_agents_the_longer_a_stretch_may_be() -> None:
    """Ten may be lost of 360 people, three of 100; a large team has the same cap and is bound by it less tightly."""
    few, many = State(8), State(8, talks_since=(100.0,) * 52)
    assert (TAUGHT.enough(few), TAUGHT.enough(many)) == (100, 360)
    assert TAUGHT.budget.room(100) == 3 < TAUGHT.budget.room(360) <= 10


def test_a_cap_of_nothing_means_progressive_dialling() -> None:
    pacer = Pacer(Rules(cap=0.0))
    pacer.decide(0.0, State(0, happened=history(2, 1000)))
    assert pacer.decide(0.0, State(5)) == 5
    assert pacer.decide(0.0, State(0, wrap_ups_since=(-30.0,) * 5)) == 0


def test_the_price_falls_with_each_abandon_and_comes_back() -> None:
    pacer = taught()
    before = pacer.price
    pacer.decide(0.0, State(0, happened=(Reached(True),)))
    low = pacer.price
    assert low < before
    pacer.decide(0.0, State(0, happened=tuple(Reached(False) for _ in range(60))))
    assert pacer.price > low


def test_memory_does_not_grow() -> None:
    pacer, sizes = Pacer(), list[int]()
    for seed in range(1, 6):
        pacer.decide(3000.0 * seed, State(0, happened=history(seed, 4000)))
        pacer.decide(3000.0 * seed + 500.0, State(0))
        sizes.append(len(pickle.dumps(pacer)))
    assert max(sizes) <= 1.05 * sizes[0] and sizes[0] < 100_000


def test_the_same_seed_gives_the_same_day() -> None:
    setting = replace(SMALL, hours=0.25)
    first, again, other = (World(setting, Ours(), seed).run() for seed in (4, 4, 5))
    assert first == again and first.people != other.people


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_team_keeps_the_cap_in_every_window_and_waits_less_than_with_one_call_each(seed: int) -> None:
    ours = row_of("ours", "small", 10, [World(SMALL, Ours(), seed).run()])
    progressive = row_of("progressive", "small", 10, [World(SMALL, Progressive(), seed).run()])
    assert ours.holds and ours.answered > 300
    assert ours.idle_s_per_agent_hour < 0.85 * progressive.idle_s_per_agent_hour


def test_horizons_reach_as_far_as_calls_ring() -> None:
    assert list(HORIZONS_S) == sorted(HORIZONS_S) and HORIZONS_S[-1] >= 35
