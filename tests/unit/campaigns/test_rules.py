"""Who may be called: each rule by example, and thousands of random decisions against an oracle (``bench.rules``)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bench.rules import compare
from campaigns.rules.decide import decide, forbidding_all, told
from campaigns.rules.table import BY_NAME, OF_THE_HOUSE, RULES
from campaigns.rules.values import BarKind, Purpose, Region, Rules, Standing, Terms
from ivr.hours_text import parse_hours
from telephony.tolls import TollRules

ZONE = ZoneInfo("Asia/Shanghai")
DAY_S = 86_400.0
NUMBER = "+8613800138000"
WHO = Standing(NUMBER)
HOURS = parse_hours(["daily 09:00-12:00 13:30-20:00"], holidays="")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


NOW = at("2026-03-10 10:00")


def test_thousands_of_random_decisions_agree_with_the_oracle() -> None:
    """A million take minutes: ``python -m bench.rules``."""
    found = compare(2_000, seed=6)
    assert found.wrong == ()
    assert found.moments > 100 and found.allowed > 100
    assert {rule for rule in found.rules if rule} == set(BY_NAME), "each rule has decided"


def test_every_rule_has_words_and_the_final_ones_stand_first() -> None:
    assert all(rule.zh and rule.en for rule in RULES)
    names = [rule.name for rule in RULES]
    assert names[:2] == ["refused", "do_not_call"]
    assert set(OF_THE_HOUSE) <= set(names)


@pytest.mark.parametrize("kind, rule", [(BarKind.REFUSED, "refused"), (BarKind.LISTED, "do_not_call")])
def test_who_is_barred_is_never_called(kind: BarKind, rule: str) -> None:
    decision = decide(Standing(NUMBER, bars=frozenset({kind})), Terms(), NOW)
    assert (decision.allowed, decision.rule, decision.for_good) == (False, rule, True)
    assert decision.result == f"barred_{rule}"


def test_promotions_need_the_switch_and_a_consent() -> None:
    agreed = Standing(NUMBER, consents=frozenset({Purpose.PROMOTION}))
    off = Terms(Purpose.PROMOTION)
    on = Terms(Purpose.PROMOTION, rules=Rules(promotions=True))
    assert decide(agreed, off, NOW).rule == "promotions_off"
    assert decide(WHO, on, NOW).rule == "no_consent"
    assert decide(agreed, on, NOW).allowed
    assert decide(WHO, Terms(), NOW).allowed, "a service call needs neither"
    refused = Standing(NUMBER, frozenset({BarKind.REFUSED}), frozenset({Purpose.PROMOTION}))
    assert decide(refused, on, NOW).rule == "refused", "a consent does not take a refusal back"


def test_one_call_a_day_and_three_in_thirty_days() -> None:
    this_morning = at("2026-03-10 09:00")
    decision = decide(Standing(NUMBER, attempts=(this_morning,)), Terms(hours=HOURS), NOW)
    assert (decision.rule, decision.not_before) == ("person_day", at("2026-03-11 09:00"))
    assert not decision.for_good
    three = tuple(NOW - days * DAY_S for days in (5, 12, 20))
    decision = decide(Standing(NUMBER, attempts=three), Terms(hours=HOURS), NOW)
    assert (decision.rule, decision.not_before) == ("person_30_days", at("2026-03-20 10:00"))
    assert decide(Standing(NUMBER, attempts=three[:2]), Terms(hours=HOURS), NOW).allowed


def test_the_number_has_caps_of_its_own() -> None:
    terms = Terms(rules=Rules(a_day=5, in_30_days=50, number_a_day=1, number_in_30_days=2))
    elsewhere = Standing(NUMBER, attempts=(NOW - 60,))
    assert decide(elsewhere, terms, NOW).allowed
    here = Standing(NUMBER, attempts=(NOW - 60,), number_attempts=(NOW - 60,))
    assert decide(here, terms, NOW).rule == "number_day"
    month = tuple(NOW - days * DAY_S for days in (3, 4))
    assert decide(Standing(NUMBER, attempts=month, number_attempts=month), terms, NOW).rule == "number_30_days"


def test_a_clock_that_was_put_back_gives_no_call_away() -> None:
    tomorrow = NOW + 1.2 * DAY_S
    decision = decide(Standing(NUMBER, attempts=(tomorrow,)), Terms(hours=HOURS), NOW)
    assert (decision.rule, decision.not_before) == ("person_day", at("2026-03-12 09:00"))


def test_a_complaint_gives_rest() -> None:
    decision = decide(Standing(NUMBER, complained_at=NOW - 10 * DAY_S), Terms(), NOW)
    assert (decision.rule, decision.not_before) == ("complaint", NOW + 20 * DAY_S)
    assert decide(Standing(NUMBER, complained_at=NOW - 1), Terms(rules=Rules(quiet_s=0)), NOW).allowed


def test_who_found_no_agent_is_spared_and_then_called_only_for_one_who_is_free() -> None:
    rules = Rules(a_day=9, in_30_days=9)
    lost = Standing(NUMBER, abandoned_at=NOW - DAY_S)
    spared = decide(lost, Terms(rules=rules), NOW)
    assert (spared.rule, spared.not_before) == ("abandoned", NOW + 2 * DAY_S)
    later = NOW + 2 * DAY_S
    assert decide(lost, Terms(rules=rules), later).allowed, "by a survey, or for an agent who is free"
    unready = decide(lost, Terms(rules=rules, ready=False), later)
    assert (unready.rule, unready.not_before) == ("abandoned", later + 900)
    assert decide(WHO, Terms(rules=rules, ready=False), NOW).allowed


def test_only_our_own_numbers_are_shown() -> None:
    ours = Rules(caller_ids=frozenset({"+862155550100"}))
    assert decide(WHO, Terms(caller_id="021 5555 0100", rules=ours), NOW).allowed
    strange = Terms(caller_id="4008009999", rules=ours)
    assert decide(WHO, strange, NOW).rule == "caller_id"
    assert forbidding_all(strange, NOW) is BY_NAME["caller_id"]
    assert forbidding_all(Terms(hours=HOURS), at("2026-03-10 03:00")) is None, "at night nobody is forbidden for good"


@pytest.mark.parametrize(
    "number, tolls, allowed",
    [
        ("+12025550123", TollRules(), False),
        ("+12025550123", TollRules(allowed=("+1202",)), True),
        ("16812345", TollRules(), False),
        (NUMBER, TollRules(refused=("138",)), False),
        (NUMBER, TollRules(), True),
    ],
)
def test_what_may_not_be_dialled_is_not_called(number: str, tolls: TollRules, allowed: bool) -> None:
    terms = Terms(rules=Rules(tolls=tolls))
    decision = decide(Standing(number), terms, NOW)
    assert (decision.allowed, decision.rule, decision.for_good) == (allowed, "" if allowed else "dialling", not allowed)
    assert forbidding_all(terms, NOW) is None, "it is that number alone"


def test_hours_of_list_house_and_region_must_all_be_open() -> None:
    late = parse_hours(["daily 11:00-14:00 15:30-22:00"], holidays="")
    working = parse_hours(["mon-fri 08:00-22:00"], holidays="CN")
    rules = Rules(hours=working, regions=(Region("新疆", ("099",), late),))
    terms = Terms(hours=HOURS, rules=rules)
    urumqi = Standing("+869914567890")
    assert decide(urumqi, terms, NOW).rule == "region_hours"
    assert decide(urumqi, terms, NOW).not_before == at("2026-03-10 11:00")
    assert decide(WHO, terms, NOW).allowed
    night = decide(urumqi, terms, at("2026-09-30 21:00"))  # the day before the national holiday
    assert (night.rule, night.not_before) == ("list_hours", at("2026-10-08 11:00"))
    assert decide(WHO, terms, at("2026-10-03 10:00")).rule == "house_hours"


def test_hours_that_never_open_forbid_for_good() -> None:
    decision = decide(WHO, Terms(hours=parse_hours([], holidays="")), NOW)
    assert (decision.rule, decision.for_good) == ("list_hours", True)


def test_what_was_decided_is_told_in_words_also_by_a_rule_of_the_past() -> None:
    assert told(False, "refused", None).zh == "客户已拒绝来电"
    assert told(False, "moon", 5.0).en == "moon"
    assert told(True, "", None).allowed
