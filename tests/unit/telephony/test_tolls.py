"""Toll fraud: which numbers outside may be called, in whatever spelling, and how often."""

import pytest

from core.errors import NotAllowed
from core.events import Fact
from core.number_kinds import NumberKind, place
from telephony.security_facts import OutsideCallRefused
from telephony.tolls import HOUR_S, TollRules, Tolls, Why, judge

PLAIN = TollRules()


@pytest.mark.parametrize(
    ("number", "dialled", "kind"),
    [
        ("13800138000", "+8613800138000", NumberKind.MOBILE),
        ("013800138000", "+8613800138000", NumberKind.MOBILE),
        ("008613800138000", "+8613800138000", NumberKind.MOBILE),
        ("1795113800138000", "+8613800138000", NumberKind.MOBILE),  # a carrier's code before it
        ("02155550100", "+862155550100", NumberKind.FIXED),
        ("62345678", "62345678", NumberKind.LOCAL),
        ("4008001234", "4008001234", NumberKind.SERVICE),
        ("95555", "95555", NumberKind.SERVICE),
        ("9501234567", "+869501234567", NumberKind.SERVICE),
        ("12345", "12345", NumberKind.SERVICE),
        ("10086", "10086", NumberKind.SERVICE),
        ("96166", "96166", NumberKind.SHORT),
        ("301", "301", NumberKind.SHORT),
        ("110", "110", NumberKind.EMERGENCY),
    ],
)
def test_numbers_in_the_country_may_be_called(number: str, dialled: str, kind: NumberKind) -> None:
    judged = judge(number, PLAIN)
    assert (judged.number, judged.kind, judged.why) == (dialled, kind, None)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0013105551234", Why.ABROAD),
        ("+13105551234", Why.ABROAD),
        ("＋13105551234", Why.ABROAD),
        ("00 1 (310) 555-1234", Why.ABROAD),
        ("179510013105551234", Why.ABROAD),  # a carrier's code before it
        ("179510085298765432", Why.ABROAD),
        ("0085221234567", Why.ABROAD),  # Hong Kong
        ("+886912345678", Why.ABROAD),
        ("00870773111632", Why.ABROAD),  # a satellite
        ("16885678", Why.PREMIUM),
        ("16012345", Why.PREMIUM),
        ("+8616885678", Why.PREMIUM),
        ("008616885678", Why.PREMIUM),
        ("168", Why.PREMIUM),
        ("12590", Why.PREMIUM),
        ("+449012345678", Why.PREMIUM),
        ("0019005551234", Why.PREMIUM),
        ("12590123456", Why.UNKNOWN),
        ("*7213800138000", Why.UNKNOWN),
        ("9013800138000", Why.UNKNOWN),
        ("0086138", Why.UNKNOWN),
        ("001", Why.UNKNOWN),
        ("", Why.UNKNOWN),
        ("+1800FLOWERS", Why.ABROAD),
        ("9" * 60, Why.UNKNOWN),
    ],
)
def test_dear_and_strange_numbers_may_not(number: str, why: Why) -> None:
    judged = judge(number, PLAIN)
    assert (judged.why, bool(judged.words)) == (why, True)


@pytest.mark.parametrize(
    ("number", "allowed", "refused", "why"),
    [
        ("0085221234567", ("+852",), (), None),
        ("+85221234567", ("00852",), (), None),
        ("+85366123456", ("+852",), (), Why.ABROAD),
        ("+18765551234", ("+1",), ("+1876",), Why.LISTED),
        ("+13105551234", ("+1",), ("+1876",), None),
        ("+18765551234", ("+1876",), ("+1",), None),
        ("+13105551234", ("+1",), ("+1",), Why.LISTED),
        ("0019005551234", ("+1",), (), Why.PREMIUM),  # a country's people, not its hot lines
        ("0019005551234", ("+1900",), (), None),
        ("16885678", ("+86",), (), Why.PREMIUM),
        ("16885678", ("168",), (), None),
        ("17012345678", (), ("170",), Why.LISTED),
        ("17012345678", (), ("+86170",), Why.LISTED),
        ("08981234567", (), ("0898",), Why.LISTED),
        ("118114", ("118114",), (), None),
        ("110", (), ("110", "1"), None),
    ],
)
def test_the_longest_entry_decides(
    number: str, allowed: tuple[str, ...], refused: tuple[str, ...], why: Why | None
) -> None:
    assert judge(number, TollRules(allowed, refused)).why == why


def test_every_kind_has_a_place() -> None:
    assert place("+85221234567").country == 852


class Gate:
    """Tolls on a clock of the test's own."""

    def __init__(self, rules: TollRules) -> None:
        self.now = 1_700_000_000.0
        self.facts: list[tuple[str, Fact]] = []
        self.tolls = Tolls(lambda: self.now, rules, lambda call_id, fact: self.facts.append((call_id, fact)))

    def refused(self, number: str, by: str = "101") -> NotAllowed:
        with pytest.raises(NotAllowed) as told:
            self.tolls.admit(number, "c1", by)
        return told.value


def test_a_refusal_is_in_the_log_without_the_number() -> None:
    gate = Gate(PLAIN)
    refusal = gate.refused("0013105551234")
    assert (refusal.status, refusal.passing) == (403, False)
    assert "does not name its country" in refusal.reason and "5551234" not in refusal.reason
    assert gate.facts == [("c1", OutsideCallRefused("101", "+131****1234", "abroad", 1))]
    for _ in range(50):
        gate.refused("0013105551234")
    assert len(gate.facts) == 1, "the same thing once a minute"
    gate.now += 61
    gate.refused("0013105551234")
    assert gate.facts[1][1] == OutsideCallRefused("101", "+131****1234", "abroad", 51)


def test_a_person_makes_so_many_calls_an_hour() -> None:
    gate = Gate(TollRules(agent_calls_per_hour=3))
    for _ in range(3):
        assert gate.tolls.admit("013800138000", "c1", "101") == "+8613800138000"
        gate.now += 60
    assert gate.refused("02155550100").passing
    assert gate.facts == [("c1", OutsideCallRefused("101", "+8621****0100", "agent_hour", 1))]
    gate.tolls.admit("13800138000", "c2", "102")
    gate.tolls.admit("110", "c3", "101")
    for _ in range(10):
        gate.tolls.admit("13800138000", "c4", "")  # a campaign
    gate.now += HOUR_S - 180 + 1
    gate.tolls.admit("02155550100", "c5", "101")
    gate.refused("02155550100")


def test_asking_alone_is_not_counted() -> None:
    gate = Gate(TollRules(agent_calls_per_hour=1))
    for _ in range(5):
        gate.tolls.check("13800138000", "c1", "101")
    gate.tolls.admit("13800138000", "c1", "101")
    gate.refused("13800138000")


def test_an_allowed_prefix_is_called_so_often_by_all_together() -> None:
    gate = Gate(TollRules(("+852", "+1"), agent_calls_per_hour=0, prefix_calls_per_hour=2))
    gate.tolls.admit("+85221234567", "c1", "101")
    gate.tolls.admit("0085223456789", "c2", "")
    assert gate.refused("+85221234567", "102").passing
    assert gate.refused("+85221234567", "").passing
    gate.tolls.admit("+13105551234", "c3", "102")
    for _ in range(10):
        gate.tolls.admit("13800138000", "c4", "102")
    gate.now += HOUR_S
    gate.tolls.admit("+85221234567", "c5", "102")


def test_rules_may_change_and_what_was_counted_stays() -> None:
    gate = Gate(TollRules(agent_calls_per_hour=2))
    for _ in range(2):
        gate.tolls.admit("13800138000", "c1", "101")
    gate.tolls.rules = TollRules(("+852",), agent_calls_per_hour=3)
    gate.tolls.admit("+85221234567", "c1", "101")
    gate.refused("13800138000")
