"""Agents as the log last told."""

import json

from sqlalchemy import func, select

from store.database import Database
from store.rows import AgentNow
from store.schema import agent_states, events


class Agents:
    """Reads the states of agents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> tuple[AgentNow, ...]:
        """Every agent that was ever seen, by id, with the present state."""
        newest = select(func.max(agent_states.c.seq)).group_by(agent_states.c.agent)
        told = select(agent_states, events.c.data).outerjoin(events, events.c.seq == agent_states.c.seq)
        statement = told.where(agent_states.c.seq.in_(newest)).order_by(agent_states.c.agent)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(AgentNow(row.agent, row.state, row.reason, row.at, _until(row.data)) for row in rows)


def _until(data: str | None) -> float:
    """When the state ends by itself or is planned to, as its fact says; old logs do not say."""
    return float(json.loads(data).get("until", 0.0)) if data else 0.0
