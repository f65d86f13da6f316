"""What owners said of replacing their cars, as a table for download."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from console.sheets import Cell, Table, local_time
from console.tradein_views import InterestedView
from desk.interest import MANNERS

_HEADING: Final = (
    "姓名 name", "号码 number", "车型 model", "车牌 plate", "意向 interest", "说明", "meaning", "日期 day",
    "下次跟进 next_on", "备注 note", "坐席 agent", "登记人 by", "时间 at", "通话 call",
)  # fmt: skip


def interests_table(found: Iterable[InterestedView], zone: ZoneInfo) -> Table:
    """One row for each."""
    rows: list[list[Cell]] = []
    for one in found:
        said, manner = one.said, MANNERS[one.said.level]
        rows.append(
            [
                one.name, one.number, one.model, one.plate, said.level.value, manner.zh, manner.en, said.day,
                said.next_on or "", said.note, said.agent, said.by, local_time(said.at, zone), said.call_id,
            ]
        )  # fmt: skip
    return Table(list(_HEADING), rows)
