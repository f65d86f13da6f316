"""Calls that find no channel: each is told, but a flood of them fills neither the event log nor the other."""

import logging

import pytest

from core.events import Fact
from telephony.facts import TrunkFull
from telephony.full_trunks import EVENTS_A_SECOND, FullTrunks

NOW = 1_700_000_000.0


def test_each_call_is_told_and_the_log_says_it_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    facts: list[tuple[str, Fact]] = []
    full = FullTrunks(lambda call_id, fact: facts.append((call_id, fact)))
    with caplog.at_level(logging.WARNING):
        for number in range(5):
            full.refused("carrier", "in", 30, NOW + number / 10, ani=f"1380013800{number}", dnis="4001")
        full.refused("spare", "out", 2, NOW + 0.9, call_id="c1", dnis="110")
        assert [record.getMessage() for record in caplog.records] == [
            "trunk carrier: all 30 channels are in use, a call in was refused"
        ]
        full.refused("carrier", "in", 30, NOW + 1.0)
    assert caplog.records[1].getMessage().endswith("(6 calls on all trunks since this was said last)")
    assert facts[:2] == [
        ("", TrunkFull("carrier", "in", 30, "13800138000", "4001", 1)),
        ("", TrunkFull("carrier", "in", 30, "13800138001", "4001", 1)),
    ]
    assert facts[5] == ("c1", TrunkFull("spare", "out", 2, "", "110", 1))
    assert len(facts) == 7


def test_a_flood_is_counted() -> None:
    facts: list[Fact] = []
    full = FullTrunks(lambda call_id, fact: facts.append(fact))
    for _ in range(500):
        full.refused("carrier", "in", 30, NOW)
    assert len(facts) == EVENTS_A_SECOND
    full.refused("carrier", "in", 30, NOW + 1)
    assert sum(fact.times for fact in facts) == 501  # type: ignore[attr-defined]
