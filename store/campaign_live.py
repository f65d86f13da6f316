"""Where a campaign stands now, read from its contacts and attempts; worked out by ``reports.campaign_live``."""

from typing import Final

from sqlalchemy import BindParameter, bindparam, func, select

from reports.campaign_live import HOUR_S, LONGEST_S, Stand
from store.contact_states import DIALLING, DONE, PENDING
from store.database import Database
from store.dialled import STANDS
from store.penetration import LISTED, SENT, TRIED
from store.reached import WITH_AGENT
from store.schema import attempts, calls, campaigns, contacts

_OF: Final[BindParameter[str]] = bindparam("of")
_SINCE: Final[BindParameter[float]] = bindparam("since")
_STATE: Final = select(campaigns.c.state, campaigns.c.why).where(campaigns.c.name == _OF)
_person = select(STANDS.label("state"), contacts.c.result).where(contacts.c.campaign == _OF, LISTED).subquery().c
_CONTACTS: Final = select(_person.state, _person.result, func.count().label("times")).group_by(
    _person.state, _person.result
)
_ENDED: Final = (
    select(attempts.c.result, calls.c.answered_at.is_not(None).label("up"), func.count().label("times"))
    .outerjoin(calls, calls.c.id == attempts.c.call_id)
    .where(SENT, attempts.c.ended_at.is_not(None))
    .group_by(attempts.c.result, calls.c.answered_at.is_not(None))
)
_TALKED: Final = select(func.count()).where(SENT, attempts.c.ended_at.is_not(None), WITH_AGENT)
_NOW: Final = (
    select(calls.c.answered_at.is_not(None).label("up"), func.count().label("times"))
    .select_from(attempts)
    .outerjoin(calls, calls.c.id == attempts.c.call_id)
    .where(SENT, attempts.c.started_at >= _SINCE, attempts.c.ended_at.is_(None))
    .group_by(calls.c.answered_at.is_not(None))
)
_LAST_DUE: Final = select(func.max(contacts.c.not_before)).where(
    contacts.c.campaign == _OF, contacts.c.state == PENDING
)
_LATELY: Final = select(func.count().label("times"), func.min(attempts.c.started_at).label("first")).where(
    SENT, attempts.c.started_at >= _SINCE
)


class CampaignStands:
    """Reads where campaigns stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, now: float) -> Stand:
        """At ``now`` (epoch seconds)."""
        mine = {"of": campaign}
        states: dict[str, int] = {}
        results: dict[str, int] = {}
        ended: dict[str, int] = {}
        answered = 0
        async with self._database.reading() as connection:
            known = (await connection.execute(_STATE, mine)).one_or_none()
            for row in await connection.execute(_CONTACTS, mine):
                states[row.state] = states.get(row.state, 0) + row.times
                if row.state == DONE:
                    results[row.result] = row.times
            for row in await connection.execute(_ENDED, mine):
                ended[row.result] = ended.get(row.result, 0) + row.times
                answered += row.times if row.up else 0
            up = {bool(row.up): row.times for row in await connection.execute(_NOW, {**mine, "since": now - LONGEST_S})}
            talked: int = await connection.scalar(_TALKED, mine) or 0
            tried: int = await connection.scalar(TRIED, mine) or 0
            last_due: float | None = await connection.scalar(_LAST_DUE, mine)
            lately = (await connection.execute(_LATELY, {**mine, "since": now - HOUR_S})).one()
        return Stand(
            at=now,
            state=known.state if known else "",
            why=known.why if known else "",
            pending=states.get(PENDING, 0),
            dialling=states.get(DIALLING, 0),
            done=states.get(DONE, 0),
            tried=tried,
            ringing=up.get(False, 0),
            talking=up.get(True, 0),
            answered=answered,
            talked=talked,
            ended=ended,
            results=results,
            lately=lately.times,
            first_at=lately.first,
            last_due_at=last_due or None,
        )
