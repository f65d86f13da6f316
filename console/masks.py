"""What those do not see who may not see everything: customers' numbers are masked, supervisors in talks not told of."""

import re
from dataclasses import replace
from typing import Final

from console.live_views import Board
from console.report_views import AbandonedReport
from console.result_views import CampaignResult
from console.sessions import Session
from console.views import CallDetail, CallPage, CallRow, EventView
from core.events import PERSONAL_FIELDS, Jsonable
from core.numbers import mask

_LONG_NUMBER: Final = re.compile(r"(?<![\d-])(?!\d{4}-\d\d?-\d\d?\b)\+?\d(?:[ -]?\d){6,}")
"""What may be a phone number, and is no date, in a column that a list brought along."""


def _hidden(number: str) -> str:
    """A masked number. Of a code that somebody has dialled only that it was one: it may say whom he listens to."""
    return number[:1] if number.startswith("*") else mask(number)


def mask_call(row: CallRow) -> CallRow:
    """The outside party's number is ANI of an inbound and DNIS of an outbound call; our own line's number stays."""
    if row.direction == "inbound":
        return replace(row, ani=mask(row.ani))
    if row.direction == "outbound":
        return replace(row, dnis=mask(row.dnis))
    return replace(row, dnis=_hidden(row.dnis)) if row.dnis.startswith("*") else row


def mask_page(page: CallPage) -> CallPage:
    """All calls of a list."""
    return replace(page, items=[mask_call(row) for row in page.items])


def mask_data(data: dict[str, Jsonable]) -> dict[str, Jsonable]:
    """A fact's fields with the personal ones masked."""
    return {
        key: _hidden(value) if key in PERSONAL_FIELDS and isinstance(value, str) else value
        for key, value in data.items()
    }


def is_told(event: EventView, *, masked: bool, agent: str) -> bool:
    """Whether ``event`` is for these eyes: agents are not told who listens to them, nor what others are told or ask
    for by codes.
    """
    if not masked:
        return True
    if event.name.startswith("supervision."):
        return False
    return event.name not in ("agent.message", "feature.used") or event.data.get("agent") == agent


def mask_event(event: EventView) -> EventView:
    """One event of the log."""
    return replace(event, data=mask_data(event.data))


def mask_detail(detail: CallDetail, session: Session) -> CallDetail:
    """One call with its events, for ``session``."""
    if session.sees_numbers:
        return detail
    events = [mask_event(event) for event in detail.events if is_told(event, masked=True, agent=session.agent)]
    told = detail.callback
    callback = replace(told, number=mask(told.number)) if told is not None else None
    return replace(detail, call=mask_call(detail.call), events=events, callback=callback)


def mask_result(result: CampaignResult) -> CampaignResult:
    """One contact of a campaign."""
    return replace(
        result,
        number=mask(result.number),
        dialled=mask(result.dialled),
        others=[mask(number) for number in result.others],
        fields={name: _LONG_NUMBER.sub(_masked, value) for name, value in result.fields.items()},
    )


def _masked(found: re.Match[str]) -> str:
    return mask(found[0])


def mask_abandoned(report: AbandonedReport) -> AbandonedReport:
    """Callers who gave up."""
    return replace(report, items=[replace(item, number=mask(item.number)) for item in report.items])


def _line(line: str) -> str:
    return _hidden(line) if line.startswith("*") else line


def mask_board(board: Board) -> Board:
    """The live picture for someone who may not see numbers."""
    return replace(
        board,
        queues=[
            replace(queue, waiting=[replace(caller, number=mask(caller.number)) for caller in queue.waiting])
            for queue in board.queues
        ],
        calls=[replace(call, number=mask(call.number), line=_line(call.line), supervisors=[]) for call in board.calls],
    )
