"""What a disposition means for the contact: all rules, the limit of attempts, and second thoughts."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from campaigns.facts import ContactPromised, ContactSettled
from campaigns.retry import Past, RetryPlan, Wait, When, parse_wait
from campaigns.rule_facts import NumberBarred
from campaigns.settle import CALL_AGAIN, FINISHED, REFUSE, RETRY, Word, settled
from campaigns.tried import Tried
from desk.dispositions import Then
from ivr.hours_text import parse_hours

TEN = 1_780_279_200.0  # 2026-06-01 10:00 in Shanghai, a Monday
NUMBER = "+8613800138000"
TRIED = Tried("a-1", "spring", 7, NUMBER, Past((NUMBER,), ((NUMBER, "talked"),)))
PLAN = RetryPlan(hours=parse_hours(["daily 09:00-12:00", "daily 13:30-20:00"], zone="Asia/Shanghai", holidays=""))
SAID = Word("code", "101", "wang")


def test_rules_have_the_names_that_the_configuration_knows() -> None:
    assert {REFUSE, CALL_AGAIN, RETRY, FINISHED, ""} == {each.value for each in Then}


@pytest.mark.parametrize(
    ("wait", "after_s"),
    [("30 min", 1800.0), ("150 min", 3.5 * 3600), ("next window", 3.5 * 3600), ("next day", 23 * 3600.0)],
)
def test_who_is_to_be_tried_again_is_so_within_the_hours(wait: str, after_s: float) -> None:
    [fact] = settled(TRIED, replace(SAID, then=RETRY, wait=parse_wait(wait)), PLAN, TEN)
    assert fact == ContactSettled("spring", 7, "a-1", "code", RETRY, False, TEN + after_s, "wang")


def test_who_was_tried_as_often_as_the_plan_allows_is_done() -> None:
    tried = replace(TRIED, past=Past((NUMBER,), ((NUMBER, "busy"), (NUMBER, "busy"), (NUMBER, "talked"))))
    word = replace(SAID, then=RETRY, wait=Wait(When.AFTER, 600.0))
    [fact] = settled(tried, word, PLAN, TEN)
    assert isinstance(fact, ContactSettled) and (fact.then, fact.again_at) == (FINISHED, None)
    [more] = settled(tried, word, replace(PLAN, attempts=4), TEN)
    assert isinstance(more, ContactSettled) and more.then == RETRY


def test_a_refusal_bars_his_number_once() -> None:
    word = replace(SAID, then=REFUSE, note="不要再打")
    _, barred = settled(TRIED, word, PLAN, TEN)
    assert barred == NumberBarred(NUMBER, "refused", "agent", "wang", "不要再打", "spring", 7)
    assert len(list(settled(replace(TRIED, barred=True), word, PLAN, TEN))) == 1


def test_a_promise_is_the_agent_s_who_says_it() -> None:
    at = TEN + 86_400
    first, promised = settled(TRIED, replace(SAID, then=CALL_AGAIN, call_at=at, note="下午"), PLAN, TEN)
    assert isinstance(first, ContactSettled) and first.then == CALL_AGAIN
    assert promised == ContactPromised("spring", 7, at, "101", "wang", "下午")


def test_another_word_takes_back_that_he_is_to_be_called_again() -> None:
    for before in (RETRY, CALL_AGAIN):
        [fact] = settled(replace(TRIED, before=before), replace(SAID, agreed=True), PLAN, TEN)
        assert isinstance(fact, ContactSettled) and (fact.then, fact.agreed) == (FINISHED, True)
    for before in ("", FINISHED, REFUSE):
        [fact] = settled(replace(TRIED, before=before), SAID, PLAN, TEN)
        assert isinstance(fact, ContactSettled) and fact.then == ""


def test_without_hours_the_wait_is_as_it_is() -> None:
    plan = RetryPlan(zone=ZoneInfo("Asia/Shanghai"))
    [fact] = settled(TRIED, replace(SAID, then=RETRY, wait=Wait(When.AFTER, 12 * 3600.0)), plan, TEN)
    assert isinstance(fact, ContactSettled) and fact.again_at == TEN + 12 * 3600
