"""Selections into campaigns: once as a snapshot, or living: who newly matches comes in, who no longer does and was not
tried is put aside.

Where a living selection asks who is due to be kept in touch, who was called before and is due again is called anew.

People come in by ``store.lists``: all of a look or none. Who came by a selection is marked before, so that one from
a list is never put aside. Each step may be done again, so a look that was cut short is made good by the next.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import and_, bindparam, delete, exists, func, insert, not_, select, update

from campaigns.facts import ContactsImported
from campaigns.gate import CampaignState
from campaigns.holdout import HELD_OUT, MOST_PERCENT, PUT_ASIDE, Holdout
from campaigns.ports import NewContact, unheard
from campaigns.retry import ONCE_MORE
from campaigns.rules.values import DAY_S
from core.clock import Clock
from core.errors import LocalProtocolError, ParseError
from desk.selection import Moment, Reason, Selection
from store.bulk import insert_rows, pieces
from store.contact_states import DONE, PENDING
from store.database import Database
from store.dialled import DIALLED
from store.holdouts import settle_holdout
from store.lists import Lists
from store.log import EventLog
from store.rounds import begin_rounds
from store.schema import attempts, campaigns, contacts
from store.schema_promises import promises
from store.schema_selections import chosen, feeds
from store.selections import Chosen, Selections
from store.stopped import refuse_stopped
from store.writer import Transaction

_PIECE: Final = 2000
AGAIN_MOST_DAYS: Final = 3650
_UNTRIED: Final = and_(
    not_(
        exists().where(
            attempts.c.contact == contacts.c.id,
            attempts.c.started_at >= contacts.c.renewed_at,
            DIALLED,
        )
    ),
    not_(exists().where(promises.c.contact == contacts.c.id, promises.c.open)),
)
"""Nor was he promised a call."""
_ONCE_MORE: Final = sorted(result.value for result in ONCE_MORE)
REST_S: Final = 7 * DAY_S
"""Who could not be reached is not called anew sooner, however long it has been time to keep in touch."""
_RESTED: Final = not_(
    exists().where(attempts.c.contact == contacts.c.id, attempts.c.started_at > bindparam("rested_since"))
)


@dataclass(frozen=True, slots=True)
class Feed:
    """The selection that ``campaign``'s people come from: ``living`` or taken once, by whom and when; when it was last
    looked at (None: not yet), how many came in by it so far, of whom so many are held out, and how many are put aside.
    ``again_days``: who matches so long after his last call is called anew (0: he is not).
    """

    campaign: str
    selection: str
    living: bool
    by: str
    at: float
    looked_at: float | None = None
    accepted: int = 0
    held_out: int = 0
    aside: int = 0
    again_days: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look did: so many came in, were put aside, wait again."""

    accepted: int
    aside: int = 0
    back: int = 0


class Feeds:
    """Connects selections with campaigns, and looks."""

    def __init__(self, database: Database, log: EventLog, clock: Clock, lists: Lists, selections: Selections) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._lists = lists
        self._selections = selections

    async def all(self) -> tuple[Feed, ...]:
        """Of all campaigns, the newest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(feeds).order_by(feeds.c.at.desc(), feeds.c.campaign))
            return tuple(Feed(**row._mapping) for row in rows)

    async def living(self) -> tuple[str, ...]:
        """Campaigns that live by a selection and were not stopped for good."""
        stopped = select(campaigns.c.name).where(campaigns.c.state == CampaignState.STOPPED)
        wanted = select(feeds.c.campaign).where(feeds.c.living, feeds.c.campaign.not_in(stopped))
        async with self._database.reading() as connection:
            return tuple((await connection.execute(wanted)).scalars())

    async def connect(
        self,
        campaign: str,
        selection: str,
        *,
        living: bool,
        percent: int | None,
        key: bytes,
        by: str,
        again_days: int = 0,
    ) -> Feed:
        """``campaign``'s people come from ``selection`` from now on, ``percent`` of them are held out (drawn with
        ``key``, 16 unpredictable bytes; None: as was settled before, nobody where nothing was).
        ``LocalProtocolError`` where that cannot be.
        """
        if percent is not None and not 0 <= percent <= MOST_PERCENT:
            raise ParseError(f"对照组为 0 到 {MOST_PERCENT}% (0 to {MOST_PERCENT} % can be held out)", where="hold_out")
        if again_days and not (living and 1 <= again_days <= AGAIN_MOST_DAYS):
            raise ParseError(
                f"再次选入只用于自动选入，1 到 {AGAIN_MOST_DAYS} 天 "
                f"(only who matches later can come in again, after 1 to {AGAIN_MOST_DAYS} days)",
                where="again_days",
            )
        found = await self._known(selection)
        if living and any(
            _asks_of(each.names, campaign) for each in found.conditions if each.reason is Reason.CAMPAIGN
        ):
            raise LocalProtocolError(
                f"{selection!r} asks who is in campaign {campaign!r} itself: whoever came in would be put aside"
            )
        feed = Feed(campaign, selection, living, by, self._clock.now(), again_days=again_days)

        def work(transaction: Transaction) -> None:
            connection = transaction.connection
            refuse_stopped(connection, campaign)
            if percent is not None:
                settle_holdout(connection, Holdout(campaign, percent, key), by, feed.at)
            connection.execute(delete(feeds).where(feeds.c.campaign == campaign))
            row = {"campaign": campaign, "selection": selection, "living": living, "by": by, "at": feed.at}
            connection.execute(insert(feeds).values(**row, again_days=again_days))

        await self._log.write(work)
        return feed

    async def disconnect(self, campaign: str) -> bool:
        """A living selection is looked at no more; who came in stays. False where there was none."""

        def work(transaction: Transaction) -> bool:
            ended = update(feeds).where(feeds.c.campaign == campaign, feeds.c.living).values(living=False)
            return transaction.connection.execute(ended).rowcount > 0

        return await self._log.write(work)

    async def look(self, campaign: str, moment: Moment) -> Looked:
        """Take in who matches at ``moment`` and is not in the campaign; where the selection lives, put aside who no
        longer does. ``LocalProtocolError`` where the campaign has none, or a list is on its way into it.
        """
        feed = next((each for each in await self.all() if each.campaign == campaign), None)
        if feed is None:
            raise LocalProtocolError(f"campaign {campaign!r} takes nobody by a selection")
        selection = await self._known(feed.selection)
        matching = await self._selections.matching(selection.conditions, moment)
        async with self._database.reading() as connection:
            there = set(
                (await connection.execute(select(contacts.c.person).where(contacts.c.campaign == campaign))).scalars()
            )
        fresh = [(person, vehicle) for person, vehicle in matching if person not in there]
        accepted = await self._take(feed, fresh)
        done = Looked(accepted)
        if feed.living:
            meant = frozenset(person for person, _ in matching)
            done = await self._follow(feed, meant, accepted)
            rest_s = feed.again_days * DAY_S
            if any(each.reason is Reason.TOUCH and not each.negated for each in selection.conditions):
                rest_s = rest_s or REST_S
            if rest_s:
                done = replace(done, back=done.back + await self._call_anew(campaign, meant, moment.now, rest_s))
        await self._log.write(partial(_note, feed=feed, now=self._clock.now()))
        if accepted:
            self._log.post("", ContactsImported(campaign, accepted, len(fresh) - accepted, feed.by))
        return done

    async def _known(self, selection: str) -> Selection:
        found = await self._selections.get(selection)
        if found is None:
            raise LocalProtocolError(f"there is no selection {selection!r}")
        return found

    async def _take(self, feed: Feed, fresh: Sequence[tuple[int, str]]) -> int:
        if not fresh:
            return 0
        for piece in pieces(fresh, _PIECE):
            await self._log.write(partial(_mark, campaign=feed.campaign, persons=[person for person, _ in piece]))
        loop = asyncio.get_running_loop()

        def batches() -> Iterator[Sequence[NewContact]]:
            line = 0
            for piece in pieces(fresh, _PIECE):
                found = asyncio.run_coroutine_threadsafe(self._selections.chosen(piece), loop).result()
                yield [_contact(one, feed.selection, line + place) for place, one in enumerate(found, 1)]
                line += len(found)

        return (await self._lists.take(feed.campaign, batches(), unheard)).accepted

    async def _follow(self, feed: Feed, matching: frozenset[int], accepted: int) -> Looked:
        his = contacts.c
        came = select(his.id, his.person, his.state).where(
            his.campaign == feed.campaign,
            (his.state == PENDING) | ((his.state == DONE) & (his.result == PUT_ASIDE)),
            exists().where(chosen.c.campaign == his.campaign, chosen.c.person == his.person),
            _UNTRIED,
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(came)).all()
        gone = [row.id for row in rows if row.state == PENDING and row.person not in matching]
        again = [row.id for row in rows if row.state == DONE and row.person in matching]
        for piece in pieces(gone, _PIECE):
            await self._log.write(partial(_put_aside, ids=piece))
        for piece in pieces(again, _PIECE):
            await self._log.write(partial(_take_back, ids=piece))
        return Looked(accepted, len(gone), len(again))

    async def _call_anew(self, campaign: str, meant: Collection[int], now: float, rest_s: float) -> int:
        """Those of ``campaign`` who are done, but are ``meant`` again ``rest_s`` after their last call; how many."""
        his = contacts.c
        rested = select(his.id, his.person).where(
            his.campaign == campaign, his.state == DONE, his.result.in_(_ONCE_MORE), _RESTED
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(rested, {"rested_since": now - rest_s})).all()
        found = [row.id for row in rows if row.person in meant]
        for piece in pieces(found, _PIECE):
            await self._log.write(partial(_renew, ids=piece, now=now))
        return len(found)


def _asks_of(names: Sequence[str], campaign: str) -> bool:
    return not names or campaign in names


def _contact(one: Chosen, selection: str, line: int) -> NewContact:
    fields = {"选人": selection}
    if one.vehicle is not None:
        told = {"车型": one.vehicle.model, "车牌": one.vehicle.plate, "车架号": one.vehicle.vin, "购车日期": one.since}
        fields |= {name: value for name, value in told.items() if value}
    return NewContact(one.numbers[0], one.name, line, fields, one.numbers[1:])


def _mark(transaction: Transaction, *, campaign: str, persons: Sequence[int]) -> None:
    connection = transaction.connection
    connection.execute(delete(chosen).where(chosen.c.campaign == campaign, chosen.c.person.in_(persons)))
    insert_rows(connection, chosen, ("campaign", "person"), [(campaign, person) for person in persons])


def _put_aside(transaction: Transaction, *, ids: Sequence[int]) -> None:
    waiting = update(contacts).where(contacts.c.id.in_(ids), contacts.c.state == PENDING, _UNTRIED)
    transaction.connection.execute(waiting.values(state=DONE, result=PUT_ASIDE))


def _take_back(transaction: Transaction, *, ids: Sequence[int]) -> None:
    aside = update(contacts).where(contacts.c.id.in_(ids), contacts.c.state == DONE, contacts.c.result == PUT_ASIDE)
    transaction.connection.execute(aside.values(state=PENDING, result="", not_before=0.0))


def _renew(transaction: Transaction, *, ids: Sequence[int], now: float) -> None:
    which = and_(contacts.c.id.in_(ids), contacts.c.state == DONE, contacts.c.result.in_(_ONCE_MORE))
    transaction.connection.execute(begin_rounds(which, now))
    done = update(contacts).where(which)
    transaction.connection.execute(done.values(state=PENDING, result="", not_before=0.0, renewed_at=now))


def _note(transaction: Transaction, *, feed: Feed, now: float) -> None:
    """How it stands now, counted anew: so it is right even where a look before was cut short."""
    connection = transaction.connection
    his = contacts.c
    by_selection = exists().where(chosen.c.campaign == his.campaign, chosen.c.person == his.person)
    counted = select(his.result, func.count()).where(his.campaign == feed.campaign, by_selection).group_by(his.result)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
    values = {"accepted": sum(found.values()), "held_out": found.get(HELD_OUT, 0), "aside": found.get(PUT_ASIDE, 0)}
    connection.execute(update(feeds).where(feeds.c.campaign == feed.campaign).values(looked_at=now, **values))
