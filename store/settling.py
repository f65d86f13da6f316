"""What is said of the talk of a campaign's call, in one transaction with what that means for the contact."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from campaigns.facts import ContactPromised
from campaigns.promised import PromisedCall
from campaigns.rules.values import BarKind
from campaigns.tried import Tried
from core.clock import Clock
from core.events import Fact
from store.log import EventLog
from store.promises import USUAL_WAY
from store.promising import Way, foreseen
from store.schema import attempts, contacts
from store.schema_rules import number_bars
from store.schema_settlements import settlements
from store.standings import past_of
from store.writer import Transaction

_ATTEMPT: Final = (
    select(attempts.c.id, attempts.c.campaign, attempts.c.contact, attempts.c.number)
    .add_columns(contacts.c.number.label("listed"), contacts.c.person)
    .join(contacts, contacts.c.id == attempts.c.contact)
    .where(attempts.c.call_id == bindparam("of"))
    .order_by(attempts.c.started_at.desc())
    .limit(1)
)
_BEFORE: Final = select(settlements.c.then).where(settlements.c.attempt == bindparam("of"), settlements.c.stands)
_BARRED: Final = select(func.count()).where(
    number_bars.c.number == bindparam("of"),
    number_bars.c.kind == BarKind.REFUSED.value,
    number_bars.c.freed_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Settled:
    """It was said of a call of ``campaign`` ("": of none), whose contact was ``promised`` a call by it (None: not)."""

    campaign: str
    promised: PromisedCall | None = None


class Settling:
    """Writes what agents say of campaigns' calls."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def say(
        self,
        call_id: str,
        said: Fact,
        meaning: Callable[[Tried], Iterable[Fact]],
        way_of: Callable[[str], Way] = lambda _: USUAL_WAY,
    ) -> Settled:
        """Put ``said`` of a call on record, and all that it means where the call was a campaign's.
        ``LocalProtocolError`` where it promises a call that could never be made; ``way_of`` tells how a campaign calls.
        """

        def work(transaction: Transaction) -> Settled:
            tried = tried_in(transaction.connection, call_id)
            facts = [] if tried is None else list(meaning(tried))
            promised: PromisedCall | None = None
            for fact in facts:
                if isinstance(fact, ContactPromised):
                    promised = foreseen(transaction.connection, fact, way_of(fact.campaign), self._clock.now())
            transaction.say(call_id, said)
            for fact in facts:
                transaction.say(call_id, fact)
            return Settled("" if tried is None else tried.campaign, promised)

        return await self._log.write(work)


def tried_in(connection: Connection, call_id: str) -> Tried | None:
    """The attempt that the call was; None where it was none."""
    row = connection.execute(_ATTEMPT, {"of": call_id}).one_or_none()
    if row is None:
        return None
    number = row.number or row.listed
    return Tried(
        attempt=row.id,
        campaign=row.campaign,
        contact=row.contact,
        number=number,
        past=past_of(connection, row.contact, row.listed, row.person, None),
        barred=bool(connection.scalar(_BARRED, {"of": number})),
        before=connection.scalar(_BEFORE, {"of": row.id}) or "",
    )
