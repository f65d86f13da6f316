"""What campaigns need of the store: a dial list that is filled in one piece and emptied contact by contact.

``store.contacts`` implements ``ContactStore``; tests use a double in memory.

The life of a contact: ``add`` makes it pending; ``claim`` decides by the rules whether it may be called, and takes it
and writes the facts ``ContactDecided`` and ``AttemptStarted`` in the same transaction, so that after kill -9 a contact
is either untouched or known as tried. Who may not be called now stays pending until he may; who may not be called at
all is done, with a result that names the rule. The dialer then writes ``AttemptEnded`` through the log, whose
projection closes the attempt. It says whether the contact may be tried again, and from when: he is pending again until
then, else done (``campaigns.retry``). Recovery ends the attempts that a dead process left open as ``interrupted``; when
such a contact may be tried again, if nobody had answered, ``AttemptStarted`` has said beforehand. So each attempt is
dialled at most once. Result ``withdrawn`` says that not one packet left (the campaign was paused between claim and
dialling): the contact is pending again as if there had been no attempt.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

from asr.progress.verdict import What
from campaigns.list_order import Order
from campaigns.retry import ONCE, Past, RetryPlan
from campaigns.rules.values import USUAL, Decision, Terms
from telephony.ports import Leg


def unheard(_done: int, _of: int) -> None:
    """Progress that nobody follows."""


class NewContact(NamedTuple):
    """A row that passed the importer: ``number`` normalised, ``fields`` the other columns, ``line`` in the file.
    ``others`` are further numbers of the same person, in the order in which they are to be tried.
    """

    number: str
    name: str
    line: int
    fields: Mapping[str, str] = MappingProxyType({})
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to call. ``id`` is the row id that facts carry, ``number`` the one whose turn it is. ``spared``: he has
    answered a call of ours before when no agent was there, so an agent is kept free for him. ``past`` holds all his
    numbers and the attempts before this one. ``wanted_agent`` has promised him to call ("": nobody has).
    """

    id: int
    campaign: str
    number: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    spared: bool = False
    past: Past = field(default_factory=Past)
    wanted_agent: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Contacts are pending, but it is to be looked again at ``at`` (epoch seconds), not sooner, who may be called."""

    at: float


@dataclass(frozen=True, slots=True)
class Added:
    """What ``ContactStore.add`` did: rows taken in, and the lines of rows whose person the campaign already had.
    ``elsewhere`` counts rows taken in whose person is in other campaigns too, by campaign.
    """

    accepted: int
    duplicate_lines: tuple[int, ...] = ()
    elsewhere: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whom of some rows the house has already: the lines of those whose person is in this campaign, and by line the
    other campaigns in which a person is.
    """

    here: tuple[int, ...] = ()
    elsewhere: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a campaign is: contacts not yet tried, being tried now, and done."""

    pending: int
    dialling: int
    done: int


class ContactStore(Protocol):
    """Dial lists on disk."""

    async def add(
        self,
        campaign: str,
        batches: Iterable[Sequence[NewContact]],
        moved: Callable[[int, int], None] = unheard,
    ) -> Added:
        """Take all batches into ``campaign`` (made where new): all, or none if anything raises or the process dies.

        ``batches`` is read as it goes (it may raise ``ParseError`` midway, which must leave nothing and come out
        unchanged). A row whose person the campaign already holds is left out and its line reported. Once all is read,
        ``moved`` is told how many rows of how many are in. ``LocalProtocolError`` while another list is on its way into
        the same campaign.
        """
        ...

    async def overlap(self, campaign: str, rows: Sequence[NewContact]) -> Overlap:
        """Whom of ``rows`` (of different people) the house has already; nothing is changed."""
        ...

    async def claim(
        self,
        campaign: str,
        *,
        attempt: str,
        call_id: str,
        terms: Terms = USUAL,
        retry: RetryPlan = ONCE,
        order: Order = Order.LIST,
    ) -> Contact | NotYet | None:
        """Take the next pending contact that may be called by ``terms`` for attempt ``attempt`` in call ``call_id``, at
        the number whose turn it is by ``retry``; None when no contact is pending. Whoever was promised a call comes
        first, then the others in ``order``.

        Returns only after the claim, the decision and the fact ``AttemptStarted`` are on disk, in one transaction, with
        the decisions about those who were passed over. Two claimers never get the same contact.
        """
        ...

    async def asked_again(self, contact: Contact, terms: Terms) -> Decision:
        """May ``contact``, who is claimed, still be called at his number by ``terms``? Tries do not count: they did
        when he was claimed, and this is one of them. Nothing is stored; where he may not, the next claim stores why.
        """
        ...

    async def look_again(self, campaign: str) -> None:
        """The rules of the house may be others: decide anew about all who were put off, or passed over by a rule of the
        house rather than by their own word.
        """
        ...

    async def counts(self, campaign: str) -> Counts:
        """How far it is; all zero for a campaign that does not exist."""
        ...

    async def running(self) -> Sequence[str]:
        """Campaigns whose last ``CampaignStateChanged`` was ``running``: what a restart takes up again."""
        ...

    async def finished(self) -> Sequence[str]:
        """Those whose last one was ``finished``: they go on for whoever comes."""
        ...


class Listener(Protocol):
    """Hears what answers a call."""

    async def reach(self, dialling: Awaitable[Leg], call_id: str) -> Leg:
        """What ``dialling`` gives or raises. Where meanwhile the network says that nobody will answer, ``dialling`` is
        cancelled and ``campaigns.attempt.Announced`` raised.
        """
        ...

    async def answered_by(self, leg: Leg) -> What:
        """What has answered, within some seconds; a person in doubt, or where nobody can listen."""
        ...
