"""On which terms a caller enters a queue."""

import asyncio
from dataclasses import replace

import pytest

from acd.skills import SkillNeed
from acd.urgency import PLAIN, CallerTerms
from core.clock import VirtualClock
from core.errors import Unavailable
from service.callers import CallerRules, Callers
from store.rows import CallerPast

WANG = "+8613800138000"


class Log:
    """Tells of one past, at once, never, or not at all."""

    def __init__(self, past: CallerPast | Exception | None) -> None:
        self.past = past
        self.asked: list[tuple[str, str, float, float]] = []
        self.owners = False

    async def of(
        self, number: str, but_call: str, *, talks_since: float, calls_since: float, owners: bool = False
    ) -> CallerPast:
        self.owners = owners
        self.asked.append((number, but_call, talks_since, calls_since))
        if self.past is None:
            await asyncio.sleep(3600)
        if isinstance(self.past, Exception):
            raise self.past
        assert self.past is not None
        return self.past


RULES = CallerRules(
    ahead_s={"vip": 120.0, "complaint": 60.0, "came_back": 20.0},
    vips=frozenset({WANG}),
    came_back_s=600.0,
    sticky_s={"sales": 7 * 86400.0},
)


def desk(past: CallerPast | Exception | None, rules: CallerRules = RULES) -> tuple[Callers, Log, float]:
    clock = VirtualClock()
    log = Log(past)
    return Callers(clock, log, rules), log, clock.now()


async def test_a_stranger_has_no_terms_of_his_own() -> None:
    callers, log, now = desk(CallerPast())
    assert await callers.arrives("+8613900139000", "c-1").terms("sales") == PLAIN
    assert log.asked == [("+8613900139000", "c-1", now - 7 * 86400.0, now - 600.0)]


async def test_priorities_add_up() -> None:
    callers, _, _ = desk(CallerPast(ended_at=1.0))
    caller = callers.arrives("13800138000", "c-1")
    terms = await caller.terms("service", "complaint", (("english", 3),))
    assert terms == CallerTerms(ahead_s=200.0, skills=(SkillNeed("english", 3),)), "a number in any spelling"


async def test_who_gave_up_has_his_place_again_in_that_queue_only() -> None:
    now = VirtualClock().now()
    callers, _, _ = desk(CallerPast(given_up={"sales": now - 90.0}, ended_at=now - 30.0))
    caller = callers.arrives("+8613900139000", "c-1")
    assert (await caller.terms("sales")).waited_s == 90.0
    assert (await caller.terms("service")).waited_s == 0.0


async def test_he_is_led_to_the_agent_of_last_time_where_his_queue_wants_that() -> None:
    now = VirtualClock().now()
    talked = {"sales": ("101", now - 86400.0), "service": ("102", now - 5.0)}
    callers, _, _ = desk(CallerPast(agents=talked))
    caller = callers.arrives("+8613900139000", "c-1")
    assert (await caller.terms("sales")).agent == "101"
    assert (await caller.terms("service")).agent == ""
    callers, _, _ = desk(CallerPast(agents={"sales": ("101", now - 8 * 86400.0)}))
    assert (await callers.arrives("+8613900139000", "c-1").terms("sales")).agent == ""


async def test_he_is_led_to_the_owner_of_his_case_before_the_agent_of_last_time() -> None:
    now = VirtualClock().now()
    led = replace(RULES, owners={"sales": frozenset({"101", "103"})})
    past = CallerPast(agents={"sales": ("101", now - 60.0), "service": ("101", now - 60.0)}, owners=("boss", "103"))
    callers, log, _ = desk(past, led)
    caller = callers.arrives("+8613900139000", "c-1")
    terms = await caller.terms("sales")
    assert (terms.agent, terms.then) == ("103", "101"), "boss takes no calls of this queue"
    assert log.owners
    assert (await caller.terms("service")).agent == "", "that queue leads to nobody"
    callers, log, _ = desk(replace(past, owners=("101",)), led)
    terms = await callers.arrives("+8613900139000", "c-1").terms("sales")
    assert (terms.agent, terms.then) == ("101", "")
    callers, log, _ = desk(past)
    terms = await callers.arrives("+8613900139000", "c-1").terms("sales")
    assert (terms.agent, terms.then, log.owners) == ("101", "", False), "no queue wants to know"


async def test_owners_are_read_where_nothing_else_is_wanted() -> None:
    callers, log, _ = desk(CallerPast(owners=("101",)), CallerRules(owners={"sales": frozenset({"101"})}))
    assert (await callers.arrives(WANG, "c-1").terms("sales")).agent == "101"
    assert log.owners


@pytest.mark.parametrize("past", [None, Unavailable("the database is away")])
async def test_a_slow_or_dead_database_keeps_nobody_waiting(
    past: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.callers.PATIENCE_S", 0.01)
    callers, _, _ = desk(past)
    caller = callers.arrives(WANG, "c-1")
    assert await caller.terms("sales") == CallerTerms(ahead_s=120.0)
    caller.over()


async def test_nothing_is_read_that_no_queue_wants_to_know() -> None:
    callers, log, _ = desk(CallerPast(), CallerRules())
    assert await callers.arrives(WANG, "c-1").terms("sales") == PLAIN
    callers.rules = RULES
    assert await callers.arrives("", "c-2").terms("sales") == PLAIN, "who hides his number has no past"
    assert log.asked == []
