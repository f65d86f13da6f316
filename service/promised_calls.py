"""Callers who would rather be called at a time they name: a campaign calls them then."""

import logging
from typing import Protocol

from campaigns.facts import ContactPromised
from campaigns.ports import NewContact
from core.errors import LocalProtocolError, ParseError, Unavailable
from core.numbers import normalise
from ivr.flow import ToPromise
from store.lists import PROMISED
from store.promises import USUAL_WAY, Promises
from store.promising import Way
from store.sent_contacts import SentContacts

_log = logging.getLogger("line400.service")


class Campaigns(Protocol):
    """The campaigns of the house (``service.outbound.Outbound``)."""

    def way(self, name: str) -> Way:
        """By which rules and plan it calls."""
        ...

    async def go_on(self, name: str) -> None:
        """Somebody has come whom one is to call."""
        ...


class PromisedCalls:
    """One that has finished goes on, once ``campaigns`` are known."""

    def __init__(self, promises: Promises, contacts: SentContacts, campaigns: Campaigns | None = None) -> None:
        self._promises = promises
        self._contacts = contacts
        self.campaigns = campaigns

    async def keep(self, number: str, to: ToPromise, call_at: float, wished: str) -> bool:
        """Whoever has ``number`` is called ``call_at`` (epoch seconds); he joins the campaign where he is not in it.
        False where he cannot be called: he has shown no number, has refused calls, the campaign was stopped, or a long
        list is on its way into it.
        """
        try:
            his = normalise(number)
        except ParseError:
            _log.warning("a caller of campaign %s was promised a call, but has shown no number", to.campaign)
            return False
        try:
            kept = await self._put_down(his, to, call_at, wished)
        except (LocalProtocolError, Unavailable) as error:
            _log.warning("a caller of campaign %s cannot be promised a call: %s", to.campaign, error)
            return False
        if not kept:
            return False
        if self.campaigns is not None:
            await self.campaigns.go_on(to.campaign)
        return True

    async def _put_down(self, number: str, to: ToPromise, call_at: float, wished: str) -> bool:
        known = await self._promises.known(to.campaign, number)
        if known is None:
            await self._contacts.take(to.campaign, [NewContact(number, "", 1)], owner=PROMISED)
            known = await self._promises.known(to.campaign, number)
        if known is None:
            return False
        way = self.campaigns.way(to.campaign) if self.campaigns is not None else USUAL_WAY
        agent = known.agent if to.same_agent else ""
        promised = ContactPromised(to.campaign, known.contact, call_at, agent, note=wished)
        return await self._promises.promise(promised, way) is not None
