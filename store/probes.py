"""Test calls to our own number, and how they went."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.probe import ProbeRun
from store.database import Database
from store.reading import AnyRow
from store.schema import probe_runs

_EARLIER_S: Final = 86_400.0
"""A run begins before its call comes back in; never by so much."""


def probe_calls(since: float, until: float) -> Select[tuple[str]]:
    """Ids of the calls in [``since``, ``until``) as they came back in that were tests: no customer called."""
    table = probe_runs
    return select(table.c.inbound).where(
        table.c.inbound != "", table.c.started_at >= since - _EARLIER_S, table.c.started_at < until
    )


class Probes:
    """Reads runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def runs(self, since: float, until: float, *, limit: int) -> tuple[ProbeRun, ...]:
        """Those that began in [``since``, ``until``), the newest first."""
        wanted = (
            select(probe_runs)
            .where(probe_runs.c.started_at >= since, probe_runs.c.started_at < until)
            .order_by(probe_runs.c.started_at.desc(), probe_runs.c.id.desc())
            .limit(limit)
        )
        return await self._read(wanted)

    async def _read(self, wanted: Select[tuple[object, ...]]) -> tuple[ProbeRun, ...]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(
            ProbeRun(
                id=row.id,
                probe=row.probe,
                call_id=row.call_id,
                inbound=row.inbound,
                by=row.by,
                started_at=row.started_at,
                ended_at=row.ended_at,
                result=row.result,
                ring_s=row.ring_s,
                menu_s=row.menu_s,
                wait_s=row.wait_s,
                queue=row.queue,
                agent=row.agent,
                status=row.status,
            )
            for row in rows
        )


async def probes_in(connection: AsyncConnection, calls: Sequence[AnyRow]) -> dict[str, str]:
    """Which of the rows ``calls`` are test calls, as we dialled them or as they came back in: id → probe."""
    if not calls:
        return {}
    ids = {call.id for call in calls}
    began = [float(call.started_at) for call in calls]
    near = probe_runs.c.started_at.between(min(began) - _EARLIER_S, max(began) + _EARLIER_S)
    runs = await connection.execute(select(probe_runs.c.probe, probe_runs.c.call_id, probe_runs.c.inbound).where(near))
    return {call: run.probe for run in runs.all() for call in (run.call_id, run.inbound) if call in ids}
