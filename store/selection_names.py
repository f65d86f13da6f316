"""Names in conditions that are on no record: mistyped, as a rule, and with "not" they mean everybody."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from sqlalchemy import Column, ColumnElement, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import ParseError
from desk.selection import Condition, Reason
from store.schema import campaigns
from store.schema_campaigns import campaign_plans
from store.schema_records import service_visits, vehicles

_COLUMNS: Final[Mapping[Reason, Column[str]]] = {
    Reason.MODEL: vehicles.c.model,
    Reason.SEGMENT: vehicles.c.segment,
    Reason.VISITED: service_visits.c.kind,
}


async def unknown_names(connection: AsyncConnection, conditions: Sequence[Condition]) -> tuple[tuple[str, ...], ...]:
    """Of each condition the models, segments and kinds of visits that are on no record (yet)."""
    found = []
    for condition in conditions:
        column = _COLUMNS.get(condition.reason)
        there: Collection[str] = condition.names
        if column is not None:
            there = await on_record(connection, column, condition.names)
        found.append(tuple(name for name in condition.names if name not in there))
    return tuple(found)


async def on_record(connection: AsyncConnection, column: ColumnElement[str], names: Collection[str]) -> set[str]:
    """Those of ``names`` that stand in ``column``."""
    if not names:
        return set()
    return set((await connection.execute(select(column).where(column.in_(names)).distinct())).scalars())


async def check_campaigns(
    connection: AsyncConnection, conditions: Sequence[Condition], configured: Collection[str]
) -> None:
    """``ParseError`` where a campaign is meant that there is not: neither ``configured`` nor made on the page, and no
    list ever went into it.
    """
    names = [name for one in conditions if one.reason is Reason.CAMPAIGN for name in one.names]
    if set(names) <= set(configured):
        return
    asked = union(select(campaigns.c.name), select(campaign_plans.c.name))
    known = {*configured, *(await connection.execute(asked)).scalars()}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            zh, en = (f"，是否指 {near[0]!r}", f"; did you mean {near[0]!r}?") if near else ("", "")
            raise ParseError(f"没有外呼任务 {name!r}{zh} (there is no campaign of this name{en})")
