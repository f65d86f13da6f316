"""What owners said of replacing their cars, and offers, as tables for download."""

from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from console.sheets import Cell, Table, local_time
from console.tradein_views import InterestedView, OfferView
from desk.interest import MANNERS

_HEADING: Final = (
    "姓名 name", "号码 number", "车型 model", "车牌 plate", "意向 interest", "说明", "meaning", "日期 day",
    "下次跟进 next_on", "备注 note", "坐席 agent", "登记人 by", "时间 at", "通话 call",
)  # fmt: skip
_OFFERS: Final = (
    "方案 offer", "新车 to", "补贴 subsidy_yuan", "开始 since", "结束 until", "状态 stands", "上市 launch",
    "已上市 launched", "旧车车型 models", "旧车级别 segments", "车龄起 years_from", "车龄止 years_to",
    "里程起 km_from", "里程止 km_to", "适用车主 fits", "现车 in_stock", "来源 source", "修改人 changed_by",
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


def offers_table(found: Iterable[OfferView], fitting: Mapping[str, int]) -> Table:
    """One row for each; ``fitting`` counts the owners whom those fit that have not ended."""
    rows: list[list[Cell]] = [
        [
            one.name, one.to, one.subsidy_yuan, one.since, one.until, one.stands, one.launch or "",
            "是 yes" if one.launched else "", "、".join(one.models), "、".join(one.segments), one.years_from,
            one.years_to, one.km_from, one.km_to, fitting.get(one.name), one.in_stock, one.source, one.changed_by,
        ]
        for one in found
    ]  # fmt: skip
    return Table(list(_OFFERS), rows)
