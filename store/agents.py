"""Agents as the log last told."""

from sqlalchemy import func, select

from store.database import Database
from store.rows import AgentNow
from store.schema import agent_states


class Agents:
    """Reads the states of agents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> tuple[AgentNow, ...]:
        """Every agent that was ever seen, by id, with the present state."""
        newest = select(func.max(agent_states.c.seq)).group_by(agent_states.c.agent)
        statement = select(agent_states).where(agent_states.c.seq.in_(newest)).order_by(agent_states.c.agent)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(AgentNow(row.agent, row.state, row.reason, row.at) for row in rows)
