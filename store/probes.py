"""Test calls to our own number, and how they went."""

from sqlalchemy import Select, select

from campaigns.probe import ProbeRun
from store.database import Database
from store.schema import probe_runs


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
