"""The list of numbers that are not called, as a table for download; it can be imported as it is and keeps why."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.bar_sheet import KIND_HEADING, NUMBER_HEADING
from campaigns.rules.records import Bar
from console.sheets import Cell, Table, local_time

_HEADING: Final = (
    NUMBER_HEADING, KIND_HEADING, "方式 how", "时间 at", "登记人 by", "备注 note", "任务 campaign", "通话 call",
)  # fmt: skip


def bars_table(bars: Iterable[Bar], zone: ZoneInfo) -> Table:
    """One row for each, also where a note has several lines: read again, these might be other rows."""
    rows: list[list[Cell]] = []
    for bar in bars:
        note = " ".join(bar.note.split())
        rows.append([bar.number, bar.kind, bar.how, local_time(bar.at, zone), bar.by, note, bar.campaign, bar.call_id])
    return Table(list(_HEADING), rows)
