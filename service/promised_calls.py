"""Callers who would rather be called at a time they name: a campaign calls them then."""

import logging
from typing import Protocol

from campaigns.facts import ContactPromised
from campaigns.gate import CampaignState
from campaigns.ports import NewContact
from core.errors import LocalProtocolError, ParseError
from core.numbers import normalise
from ivr.flow import ToPromise
from store.contacts import Contacts
from store.promises import Promises

_log = logging.getLogger("line400.service")


class Campaigns(Protocol):
    """The campaigns of the house (``service.outbound.Outbound``)."""

    def state(self, name: str) -> str:
        """How one stands."""
        ...

    async def start(self, name: str) -> None:
        """Go on with one."""
        ...


class PromisedCalls:
    """One that has finished goes on, once ``campaigns`` are known."""

    def __init__(self, promises: Promises, contacts: Contacts, campaigns: Campaigns | None = None) -> None:
        self._promises = promises
        self._contacts = contacts
        self.campaigns = campaigns

    async def keep(self, number: str, to: ToPromise, call_at: float, wished: str) -> bool:
        """Whoever has ``number`` is called ``call_at`` (epoch seconds); he joins the campaign where he is not in it.
        False where he cannot be called: he has shown no number.
        """
        try:
            his = normalise(number)
        except ParseError:
            _log.warning("a caller of campaign %s was promised a call, but has shown no number", to.campaign)
            return False
        known = await self._promises.known(to.campaign, his)
        if known is None:
            await self._contacts.add(to.campaign, [[NewContact(his, "", 1)]])
            known = await self._promises.known(to.campaign, his)
        if known is None:
            return False
        agent = known.agent if to.same_agent else ""
        await self._promises.promise(ContactPromised(to.campaign, known.contact, call_at, agent, note=wished))
        if self.campaigns is not None and self.campaigns.state(to.campaign) == CampaignState.FINISHED:
            try:
                await self.campaigns.start(to.campaign)
            except LocalProtocolError as error:  # he stands in the list all the same
                _log.warning("campaign %s does not go on for a caller: %s", to.campaign, error)
        return True
