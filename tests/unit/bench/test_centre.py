"""How ``bench.centre`` judges: the figures by hand, and that it finds what is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from bench.centre.figures import Look, Moments, histogram, judge, percentile
from bench.centre.log import Entry, Logged, Offer, read_log, see
from bench.served.callers import Life
from bench.served.sipp_desk import Rung
from core.events import Fact
from telephony.facts import CallStarted, RecordingFinished, RecordingStarted
from tests.unit.store.conftest import Desk

REPORT = dict.fromkeys(("overflowed", "called_back", "left_by_key", "waiting"), 0) | {
    "offered": 2, "answered": 1, "abandoned": 1,
}  # fmt: skip


def logged() -> Logged:
    """Caller 1 is answered after 2 s and recorded for 3 s; caller 2 gives up after 5 s."""
    said = Logged()
    said.entries[1].append(Entry(1, 100.0, 100.0, 102.0, "answered"))
    said.entries[2].append(Entry(2, 101.0, 101.0, 106.0, "abandoned"))
    said.recordings_begun, said.recorded_s = 1, {1: 3.0}
    return said


def lives() -> list[Life]:
    return [
        Life(1, 99.9, 100.0, 102.1, 105.0, "talked"),
        Life(2, 100.9, 101.0, 0.0, 106.0, "gave_up"),
    ]


def test_what_all_say_alike_is_no_fault() -> None:
    verdict = judge(lives(), logged(), REPORT)
    assert (verdict.lost, verdict.crossed, verdict.faults) == (0, 0, [])
    assert verdict.ends == {"talked": 1, "gave_up": 1}


def _changed(change: Callable[[list[Life], Logged, dict[str, int]], None]) -> tuple[int, list[str]]:
    told, said, report = lives(), logged(), dict(REPORT)
    change(told, said, report)
    verdict = judge(told, said, report)
    return verdict.lost, verdict.faults


def _cut(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    told[0].end = "cut"


def _heard_nobody(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    said.entries[2][0].outcome, said.entries[2][0].left_at = "answered", 103.0


def _shown_as_abandoned(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    said.entries[1][0].outcome = "abandoned"


def _wrong_report(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    report["offered"] = 3


def _short_recording(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    said.recorded_s[1] = 2.0


def _no_recording(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    said.recordings_begun = 2


def _wrong_voice(told: list[Life], said: Logged, report: dict[str, int]) -> None:
    told[0].others = 7


@pytest.mark.parametrize(
    ("change", "lost", "fault"),
    [
        (_cut, 1, "caller 1 was lost: cut  after 5.1 s"),
        (_heard_nobody, 1, "caller 2 gave up without hearing an agent"),
        (_shown_as_abandoned, 1, "caller 1 talked with an agent; the log says"),
        (_wrong_report, 0, "the report's identity does not hold"),
        (_short_recording, 0, "caller 1: 2.0 of 2.9 s are recorded"),
        (_no_recording, 0, "2 recordings were begun, 1 are whole"),
        (_wrong_voice, 0, "caller 1 heard 7 packets of another"),
    ],
)
def test_what_is_wrong_is_found(
    change: Callable[[list[Life], Logged, dict[str, int]], None], lost: int, fault: str
) -> None:
    found, faults = _changed(change)
    assert found == lost
    assert any(text.startswith(fault) for text in faults), faults


def test_an_agent_who_picks_up_while_his_caller_hangs_up_loses_no_call() -> None:
    said = logged()
    said.entries[2][0].outcome, said.entries[2][0].left_at = "answered", 105.9
    verdict = judge(lives(), said, REPORT | {"answered": 2, "abandoned": 0})
    assert (verdict.lost, verdict.crossed, verdict.faults) == (0, 1, [])


def test_a_report_is_behind_by_the_oldest_change_that_it_does_not_count() -> None:
    moments = Moments(logged().all_entries())
    assert moments.behind_s(Look(105.0, 105.2, 2, 1, 0)) == 0.0
    assert moments.behind_s(Look(105.0, 105.2, 1, 1, 0)) == pytest.approx(4.2), "the entry of 101"
    assert moments.behind_s(Look(105.0, 105.2, 2, 0, 0)) == pytest.approx(3.2), "the answer of 102"
    assert moments.behind_s(Look(99.0, 99.2, 0, 0, 0)) == 0.0


def test_bars_and_shares() -> None:
    assert percentile([], 0.5) == 0.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 1.0) == 3.0
    bars = histogram([0.2, 1.0, 1.1, 49.0, 50.0, 50.1, 5000.0])
    assert bars["0-1"] == 2 and bars["1-2"] == 1 and bars["20-50"] == 2 and bars["50-100"] == 1
    assert bars["over 1000"] == 1 and sum(bars.values()) == 7


async def test_ringing_was_possible_since_agent_and_caller_were_there(tmp_path: Path) -> None:
    """Amy is free at 1, caller 7 comes at 3; he is rung for, she refuses at 4 and talks with caller 8; her wrap-up of
    0.5 s ends at 10.6, a tenth late.
    """
    steps: list[tuple[float, str, Fact]] = [
        (1.0, "", AgentStateChanged("amy", "available")),
        (3.0, "c-7", CallStarted("inbound", "+8613800000007", "4008001234")),
        (3.0, "c-7", QueueEntered("q-7", "desk")),
        (3.0, "c-7", OfferMade("o-1", "q-7", "desk", "amy")),
        (3.0, "", AgentStateChanged("amy", "ringing")),
        (4.0, "c-7", OfferEnded("o-1", "q-7", "desk", "amy", "refused", 1.0)),
        (4.0, "", AgentStateChanged("amy", "available")),
        (10.0, "", AgentStateChanged("amy", "wrap_up")),
        (10.6, "", AgentStateChanged("amy", "available")),
        (10.6, "c-7", OfferMade("o-2", "q-7", "desk", "amy")),
        (11.0, "c-7", OfferEnded("o-2", "q-7", "desk", "amy", "accepted", 0.4)),
        (11.0, "c-7", QueueLeft("q-7", "desk", "answered", 8.0, "amy")),
        (11.0, "c-7", RecordingStarted("r-7", "r-7.wav", "caller", "agent")),
        (15.0, "c-7", RecordingFinished("r-7", 4.0)),
    ]
    desk = Desk(tmp_path)
    store = await desk.open()
    begun = desk.clock.now()
    for at, call_id, fact in steps:
        desk.clock.advance(begun + at - desk.clock.now())
        store.log.post(call_id, fact)
    await store.close()
    said = read_log(desk.folder / "line400.db", 0.5)
    see(said.offers, [Rung(begun + 3.02, "amy", 7), Rung(begun + 10.64, "amy", 7), Rung(begun + 3.5, "bob", 7)])
    first, second = said.offers
    assert (first.awaited, second.awaited) == ("caller", "agent")
    assert [round(1000 * (it.seen_at - it.possible_at)) for it in said.offers] == [20, 40]
    assert (first.agent, first.caller, round(second.possible_at - begun, 3)) == ("amy", 7, 10.6)
    assert [round(late, 3) for late in said.wrap_ups_late_s] == [0.1]
    assert [(it.caller, it.outcome, round(it.left_at - it.entered_at, 3)) for it in said.all_entries()] == [
        (7, "answered", 8.0)
    ]
    assert (said.recordings_begun, said.recorded_s) == (1, {7: 4.0})


def test_an_offer_that_was_taken_back_before_its_invite_has_none() -> None:
    offers = [Offer("amy", 7, 1.0, "caller", 1.0, 1.2), Offer("amy", 7, 9.0, "agent", 9.0, 12.0)]
    see(offers, [Rung(9.01, "amy", 7)])
    assert [it.seen_at for it in offers] == [0.0, 9.01]
