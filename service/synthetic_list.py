"""Synthetic owners as the lists that ``line400 records import`` takes. Every row says that it is synthetic."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from campaigns.tradein.synthetic import Made
from campaigns.tradein.tenure import YEAR_DAYS
from console.sheets import Cell, Table

_FIRST: Final = 19_900_000_000
"""Mobile numbers from here on: they may be somebody's, so they must never be called."""
_SAID: Final = "合成数据 synthetic"


def synthetic_lists(owners: Sequence[Made], today: date) -> Mapping[str, Table]:
    """The ownerships of ``owners``, and a visit of each to the workshop, by file name."""
    owned: list[list[Cell]] = []
    visits: list[list[Cell]] = []
    for place, one in enumerate(owners, 1):
        tenure = one.tenure
        still = not tenure.replaced and one.left_years is not None
        # Who left did so at some time of the years that the records hold; where in them does not matter to the model.
        until = today if still else today - timedelta(days=(place * 37) % 1000)
        since = until - timedelta(days=round(tenure.years * YEAR_DAYS))
        plated = since - timedelta(days=round(tenure.car_years * YEAR_DAYS))
        known = since + timedelta(days=round(tenure.entry_years * YEAR_DAYS)) if tenure.entry_years else None
        vin = f"LSYNTHETC{place:08d}"
        why = "" if still else "置换" if tenure.replaced else "失联"
        ended = "" if still else str(until)
        row: list[Cell] = [
            str(_FIRST + place),
            tenure.owner,
            vin,
            tenure.model,
            tenure.segment,
            str(plated),
            str(since),
        ]
        owned.append([*row, ended, why, "0" if not tenure.car_years else "", str(known or ""), _SAID])
        middle, km_year = since + (until - since) // 2, tenure.km_year or 0.0
        on_it = tenure.car_years * 14_000.0  # before he had it
        for day in (middle, until):
            km = on_it + km_year * (day - since).days / YEAR_DAYS
            visits.append([vin, str(day), "保养", str(round(km)), _SAID])
    heading = [
        "手机号",
        "姓名",
        "车架号",
        "车型",
        "级别",
        "首次上牌",
        "购车日期",
        "换车日期",
        "结束原因",
        "购车里程",
        "建档日期",
    ]
    return {
        "ownerships.csv": Table([*heading, "说明"], owned),
        "visits.csv": Table(["车架号", "进店日期", "类型", "里程", "备注"], visits),
    }
