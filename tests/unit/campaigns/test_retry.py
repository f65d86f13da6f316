"""What comes after an attempt: by result, by number, within the limits; on random plans and histories too."""

import random
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.attempt import Attempt, AttemptInput, Result
from campaigns.facts import AttemptEnded
from campaigns.retry import (
    ONCE,
    REACHED,
    SILENT,
    USUAL_WAITS,
    Past,
    RetryPlan,
    Wait,
    When,
    again_at,
    again_if_cut,
    ended,
    left,
    next_number,
    parse_wait,
)
from core.errors import ParseError
from ivr.hours_text import parse_hours

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = parse_hours(["daily 09:00-12:00 13:30-20:00"], holidays="")
PLAN = RetryPlan(hours=HOURS, zone=ZONE)
A, B, C = "+8613800000001", "+8613800000002", "+862158880000"


def at(day: int, hour: int, minute: int = 0) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp()


def after(*tried: tuple[str, Result], numbers: tuple[str, ...] = (A,)) -> Past:
    return Past(numbers, tuple((number, result.value) for number, result in tried))


MORNING, AFTERNOON = at(23, 10), at(23, 15)


@pytest.mark.parametrize(
    ("result", "ended_at", "expected"),
    [
        (Result.BUSY, MORNING, MORNING + 600),
        (Result.BUSY, at(23, 11, 55), at(23, 13, 30)),  # ten minutes later it is lunch
        (Result.BUSY, at(23, 19, 55), at(24, 9)),
        (Result.FAILED, MORNING, MORNING + 600),
        (Result.NO_ANSWER, MORNING, at(23, 13, 30)),
        (Result.NO_ANSWER, AFTERNOON, at(24, 9)),
        (Result.VOICEMAIL, MORNING, at(23, 13, 30)),
        (Result.ASSISTANT, AFTERNOON, at(24, 9)),
        (Result.UNREACHABLE, MORNING, at(23, 13, 30)),
        (Result.POWERED_OFF, MORNING, at(24, 9)),
        (Result.INTERRUPTED, MORNING, MORNING + 600),
        *((result, MORNING, None) for result in (Result.EMPTY_NUMBER, Result.OUT_OF_SERVICE, Result.FAX)),
        (Result.ABANDONED, MORNING, at(24, 9)),
        *((result, MORNING, None) for result in sorted(REACHED - {Result.ABANDONED})),
    ],
)
def test_each_result_has_its_wait(result: Result, ended_at: float, expected: float | None) -> None:
    assert again_at(PLAN, after((A, result)), ended_at) == expected


def test_every_result_is_in_the_table_but_the_one_that_is_no_attempt() -> None:
    assert set(USUAL_WAITS) >= REACHED | SILENT
    assert Result.WITHDRAWN not in USUAL_WAITS


def test_the_other_numbers_come_first_where_one_is_silent_or_bad() -> None:
    numbers = (A, B, C)
    plan = replace(PLAN, attempts=9)
    silent = after((A, Result.NO_ANSWER), numbers=numbers)
    assert (next_number(plan, silent), again_at(plan, silent, MORNING)) == (B, MORNING)
    gone = after((A, Result.NO_ANSWER), (B, Result.EMPTY_NUMBER), numbers=numbers)
    assert (next_number(plan, gone), again_at(plan, gone, MORNING)) == (C, MORNING)
    round_over = after((A, Result.NO_ANSWER), (B, Result.EMPTY_NUMBER), (C, Result.POWERED_OFF), numbers=numbers)
    assert (next_number(plan, round_over), again_at(plan, round_over, MORNING)) == (A, at(24, 9))
    second = after(*[(A, Result.NO_ANSWER), (C, Result.NO_ANSWER)] * 2, numbers=(A, C))
    assert (next_number(plan, second), again_at(plan, second, AFTERNOON)) == (A, at(24, 9))
    assert next_number(plan, after((A, Result.BUSY), numbers=numbers)) == A
    assert next_number(plan, Past(numbers)) == A
    last_bad = after((A, Result.NO_ANSWER), (B, Result.FAX), numbers=(A, B))
    assert (next_number(plan, last_bad), again_at(plan, last_bad, MORNING)) == (A, at(23, 13, 30))


def test_limits_of_attempts_at_the_person_and_at_the_number() -> None:
    twice = after((A, Result.BUSY), (A, Result.BUSY), numbers=(A, B))
    assert left(PLAN, twice) == 1 and again_at(PLAN, twice, MORNING) == MORNING + 600
    assert again_at(PLAN, twice.then(A, Result.BUSY), MORNING) is None
    assert again_at(ONCE, after((A, Result.BUSY)), MORNING) is None
    narrow = replace(PLAN, per_number=2)
    assert (next_number(narrow, twice), again_at(narrow, twice, MORNING)) == (B, MORNING)
    assert again_at(narrow, replace(twice, numbers=(A,)), MORNING) is None
    promised = replace(twice.then(A, Result.BUSY), forgiven=3)
    assert left(PLAN, promised) == 3, "what was before he asked to be called does not count"
    assert again_at(PLAN, promised.then(A, Result.BUSY), MORNING) == MORNING + 600
    assert next_number(PLAN, after((B, Result.COMPLETED), numbers=(A, B))) == B, "where he was reached"


def test_an_attempt_that_was_cut_is_made_again_unless_somebody_had_answered() -> None:
    dialling = Attempt("a-1", "spring", 7).step(AttemptInput.DIAL)
    past = Past((A,))
    cut = dialling.step(AttemptInput.INTERRUPT, Result.INTERRUPTED)
    assert ended(PLAN, past, A, cut, MORNING).again_at == MORNING + 600
    talked = dialling.step(AttemptInput.ANSWERED).step(AttemptInput.INTERRUPT, Result.INTERRUPTED)
    assert ended(PLAN, past, A, talked, MORNING) == AttemptEnded("a-1", "spring", 7, "interrupted")
    assert again_if_cut(PLAN, past, A, MORNING) == MORNING + 600
    assert again_if_cut(ONCE, past, A, MORNING) is None
    withdrawn = Attempt("a-1", "spring", 7).step(AttemptInput.WITHDRAW, Result.WITHDRAWN)
    assert ended(PLAN, past, A, withdrawn, MORNING).again_at is None
    refused = dialling.step(AttemptInput.NOT_REACHED, Result.BUSY, 486)
    assert ended(PLAN, past, A, refused, MORNING) == AttemptEnded("a-1", "spring", 7, "busy", 486, MORNING + 600)


def bad_numbers(plan: RetryPlan, past: Past) -> set[str]:
    never = {result.value for result in SILENT if plan.waits[result].when is When.NEVER}
    return {number for number, was in past.tried if was in never}


@pytest.mark.parametrize("seed", range(4))
def test_no_limit_is_passed_and_nobody_is_forgotten(seed: int) -> None:
    """Random plans, numbers and results until the contact is done."""
    chance = random.Random(seed)
    results = [result for result in Result if result is not Result.WITHDRAWN]
    waits = [Wait(When.WINDOW), Wait(When.DAY), Wait(When.NEVER), Wait(When.AFTER, 600.0), Wait(When.AFTER, 7200.0)]
    for _ in range(150):
        own = {result: chance.choice(waits) for result in chance.sample(results, 4)}
        hours = chance.choice((HOURS, None))
        plan = RetryPlan(chance.randint(1, 9), chance.randint(1, 4), {**USUAL_WAITS, **own}, hours, ZONE)
        past, now, number = Past((A, B, C)[: chance.randint(1, 3)]), MORNING, A
        while True:
            result = chance.choice(results)
            past = past.then(number, result)
            again = again_at(plan, past, now)
            if again is None:
                break
            number = next_number(plan, past)
            assert again >= now and number in past.numbers
            assert plan.hours is None or plan.hours.is_open(again)
            assert number not in bad_numbers(plan, past)
            now = again
        made = [each for each, _ in past.tried]
        assert len(made) <= plan.attempts and all(made.count(each) <= plan.per_number for each in set(made))
        if len(made) < plan.attempts and plan.waits[result].when is not When.NEVER:
            spent = {each for each in past.numbers if made.count(each) >= plan.per_number}
            bad = bad_numbers(plan, past)
            assert number in spent | bad and (result in REACHED or set(past.numbers) <= spent | bad)


def test_waits_in_words() -> None:
    assert parse_wait("10 min") == Wait(When.AFTER, 600.0)
    assert parse_wait(" 1.5 h ") == Wait(When.AFTER, 5400.0)
    assert [parse_wait(word).when for word in ("next window", "next day", "never")] == [
        "next window",
        "next day",
        "never",
    ]
    for wrong in ("", "soon", "0 min", "10", "-5 min", "9999 h", "10 minutes", "1e3 min"):
        with pytest.raises(ParseError, match="next window"):
            parse_wait(wrong)
