"""Campaigns that people have made: kept, changed, read when the house starts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select

from campaigns.plan_facts import CampaignChanged, CampaignMade, CampaignRemoved
from core.clock import Clock
from core.errors import LocalProtocolError
from store.campaign_removal import forget, refuse_to_remove
from store.database import Database
from store.log import EventLog
from store.schema import campaigns
from store.schema_campaigns import campaign_plans
from store.writer import Transaction


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """How a campaign calls, as the keys of [[campaign]]; who made it, who changed it last, and when."""

    name: str
    values: Mapping[str, object]
    made_at: float
    made_by: str
    changed_at: float
    changed_by: str


class CampaignPlans:
    """Writes and reads plans."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def all(self) -> tuple[KeptPlan, ...]:
        """In the order in which they were made."""
        statement = select(campaign_plans).order_by(campaign_plans.c.made_at, campaign_plans.c.name)
        async with self._database.reading() as connection:
            return tuple(
                KeptPlan(row.name, json.loads(row.plan), row.made_at, row.made_by, row.changed_at, row.changed_by)
                for row in await connection.execute(statement)
            )

    async def make(self, name: str, values: Mapping[str, object], by: str) -> None:
        """Keep a new one; ``LocalProtocolError`` where there is one of that name."""

        def work(transaction: Transaction) -> None:
            connection = transaction.connection
            if connection.scalar(select(campaign_plans.c.name).where(campaign_plans.c.name == name)) is not None:
                raise LocalProtocolError(f"已有同名任务 / there is a campaign {name!r} already")
            if connection.scalar(select(campaigns.c.name).where(campaigns.c.name == name)) is None:
                connection.execute(insert(campaigns).values(name=name, created_at=self._clock.now()))
            transaction.say("", CampaignMade(name, _text(values), by))

        await self._log.write(work)

    async def change(self, name: str, values: Mapping[str, object], by: str) -> None:
        """These hold from now on."""
        await self._log.commit("", CampaignChanged(name, _text(values), by))

    async def refuse_to_remove(self, name: str) -> None:
        """``LocalProtocolError`` says why ``remove`` would not do it."""
        async with self._database.reading() as connection:
            await connection.run_sync(refuse_to_remove, name)

    async def remove(self, name: str, by: str) -> bool:
        """Nothing is left of it but what the log tells; another may have its name. False where there is none,
        ``LocalProtocolError`` says why it stays.
        """

        def work(transaction: Transaction) -> bool:
            connection = transaction.connection
            if connection.scalar(select(campaign_plans.c.name).where(campaign_plans.c.name == name)) is None:
                return False
            refuse_to_remove(connection, name)
            forget(connection, name)
            transaction.say("", CampaignRemoved(name, by))
            return True

        return await self._log.write(work)


def _text(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
