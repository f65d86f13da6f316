"""What became of inbound calls, counted."""

from dataclasses import fields, replace

import pytest

from reports.inbound import (
    CONTACT_FORMULAS,
    FIGURES,
    LINE_FORMULAS,
    Behind,
    ContactFigures,
    Handled,
    InboundCall,
    LineFigures,
    Outcome,
    Story,
    inbound_report,
    outcome_of,
)

TALKED = InboundCall("c-1", "+8613800138001", "4001", 100.0, Outcome.TALKED, "sales", "amy", wait_s=30.0, settled=True)
CALLS = (
    TALKED,
    replace(TALKED, id="c-2", queue="parts", agent="bob", wait_s=10.0, transferred=True),
    replace(TALKED, id="c-3", again=True),
    replace(TALKED, id="c-4", settled=False, again=True),
    InboundCall("c-5", "", "4002", 200.0, Outcome.MENU),
    InboundCall("c-6", "+8613800138002", "4002", 200.0, Outcome.CLOSED),
    InboundCall("e-7", "+8613800138003", "4002", 200.0, Outcome.FULL, times=3),
)
HANDLED = (Handled("sales", "amy", 100.0), Handled("parts", "amy", 50.0), Handled("parts", "bob", 60.0))


def test_lines() -> None:
    report = inbound_report(CALLS, HANDLED)
    total, (first, second) = report.total, report.lines
    assert (total.came, total.talked, total.menu, total.closed, total.full) == (9, 4, 1, 1, 3)
    assert (first.line, first.came, first.reach_rate, first.asa_line_s) == ("4001", 4, 1.0, 25.0)
    assert (second.line, second.came, second.reach_rate, second.asa_line_s) == ("4002", 5, 0.0, None)
    for line in (total, first, second):
        assert line.came == sum(getattr(line, outcome.value) for outcome in Outcome)


def test_contacts() -> None:
    report = inbound_report(CALLS, HANDLED)
    total, (parts, sales) = report.contacts, report.queues
    assert (total.contacts, total.transferred, total.settled, total.repeated, total.resolved) == (4, 1, 3, 1, 1)
    assert (total.transfer_rate, total.repeat_rate, total.fcr) == (0.25, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (sales.name, sales.contacts, sales.fcr, sales.talks, sales.aht_s) == ("sales", 3, 0.5, 1, 100.0)
    assert (parts.name, parts.fcr, parts.talks, parts.aht_s) == ("parts", 0.0, 2, 55.0)
    assert [(it.name, it.contacts, it.talks) for it in report.agents] == [("amy", 3, 2), ("bob", 1, 1)]
    nobody = inbound_report((), ())
    assert (nobody.total.reach_rate, nobody.contacts.fcr, nobody.contacts.aht_s) == (None, None, None)


@pytest.mark.parametrize(
    ("story", "outcome"),
    [
        (Story(talked=True, voicemail=True, over=False), Outcome.TALKED),
        (Story(left="", answered=True, over=False), Outcome.OPEN),
        (Story(voicemail=True, closed=True, answered=True), Outcome.VOICEMAIL),
        (Story(promised=True, left="overflowed", answered=True), Outcome.CALLED_BACK),
        (Story(left="called_back", answered=True), Outcome.CALLED_BACK),
        (Story(left="abandoned", closed=True, answered=True), Outcome.ABANDONED),
        (Story(left="interrupted", answered=True), Outcome.ABANDONED),
        (Story(left="left_by_key", answered=True), Outcome.OVERFLOWED),
        (Story(closed=True, answered=True), Outcome.CLOSED),
        (Story(answered=True), Outcome.MENU),
        (Story(), Outcome.REFUSED),
    ],
)
def test_what_a_call_counts_as(story: Story, outcome: Outcome) -> None:
    assert outcome_of(story) is outcome


def test_each_count_opens_exactly_its_calls() -> None:
    report = inbound_report(CALLS, HANDLED)
    for line in ("", "4001", "4002"):
        figures = next(it for it in (report.total, *report.lines) if it.line == line)
        for key in ("came", *(outcome.value for outcome in Outcome)):
            behind = [call.times for call in CALLS if Behind(key, line=line).counts(call)]
            assert sum(behind) == getattr(figures, key), key
    for queue in ("", "sales", "parts"):
        contacts = next(it for it in (report.contacts, *report.queues) if it.name == queue)
        for key in ("contacts", "transferred", "settled", "repeated", "resolved"):
            assert sum(Behind(key, queue=queue).counts(call) for call in CALLS) == getattr(contacts, key), key
    assert [call.id for call in CALLS if Behind("contacts", agent="bob").counts(call)] == ["c-2"]
    assert set(FIGURES) <= {it.key for it in (*LINE_FORMULAS, *CONTACT_FORMULAS)}


def test_every_figure_has_its_formula() -> None:
    assert [it.key for it in LINE_FORMULAS] == [it.name for it in fields(LineFigures)][1:]
    assert [it.key for it in CONTACT_FORMULAS] == [it.name for it in fields(ContactFigures)][1:]
