"""A dial list in memory and a public network made of the test's script, both on virtual time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged
from campaigns.list_order import Order
from campaigns.ports import Added, Contact, Counts, NewContact, NotYet, Overlap, unheard
from campaigns.retry import ONCE, Past, RetryPlan
from campaigns.rules.values import USUAL, Decision, Terms
from core.bus import MemoryLog
from core.errors import CallRejected, TransactionTimeout, Unavailable
from core.events import Event
from telephony.ports import Leg
from tests.unit.ivr.doubles import FakeLeg, Timeline

Answering = Callable[[FakeLeg, float], None]
"""What a called person does: gets the answered leg and the moment (seconds since start)."""


class MemoryContacts:
    """As ``store.contacts`` does it, in memory. ``claim_s`` is how long a claim takes to be on disk."""

    def __init__(self, log: MemoryLog, time: Timeline, claim_s: float = 0.0) -> None:
        self.rows: dict[str, list[Contact]] = {}
        self.states: dict[int, str] = {}
        self.results: dict[int, str] = {}
        self.claim_s = claim_s
        self.terms: list[Terms] = []
        self.ruling = Decision(allowed=True)
        """By which terms contacts were asked for."""
        self.again: dict[int, float] = {}
        """When a contact may be tried again."""
        self.tried: dict[int, list[tuple[str, str]]] = {}
        self.not_yet: NotYet | None = None
        """While it is set nobody may be called."""
        self._log = log
        self._time = time
        self._running: dict[str, str] = {}
        log.bus.subscribe(self._see)

    def fill(self, campaign: str, numbers: Iterable[str]) -> None:
        for number in numbers:
            contact = Contact(len(self.states) + 1, campaign, number, "")
            self.rows.setdefault(campaign, []).append(contact)
            self.states[contact.id] = "pending"

    async def add(
        self,
        campaign: str,
        batches: Iterable[Sequence[NewContact]],
        moved: Callable[[int, int], None] = unheard,
    ) -> Added:
        rows = [row for batch in batches for row in batch]
        known = {contact.number for contact in self.rows.get(campaign, [])}
        fresh = [row for row in rows if row.number not in known]
        self.fill(campaign, (row.number for row in fresh))
        return Added(len(fresh), tuple(row.line for row in rows if row.number in known))

    async def overlap(self, campaign: str, rows: Sequence[NewContact]) -> Overlap:
        known = {contact.number for contact in self.rows.get(campaign, [])}
        others = {contact.number: name for name, held in self.rows.items() if name != campaign for contact in held}
        here = tuple(row.line for row in rows if row.number in known)
        return Overlap(here, {row.line: frozenset({others[row.number]}) for row in rows if row.number in others})

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
        self.terms.append(terms)
        if self.not_yet is not None:
            return self.not_yet
        if self.claim_s and not any(self.states[row.id] == "pending" for row in self.rows.get(campaign, [])):
            await self._time.sleep(self.claim_s)
        pending = [row for row in self.rows.get(campaign, []) if self.states[row.id] == "pending"]
        if not pending:
            return None
        contact = min(pending, key=lambda row: self.again.get(row.id, 0.0))
        if (at := self.again.get(contact.id, 0.0)) > self._time.clock.now():
            return NotYet(at)
        contact = replace(contact, past=Past((contact.number,), tuple(self.tried.get(contact.id, ()))))
        self.states[contact.id] = "dialling"
        if self.claim_s:
            await self._time.sleep(self.claim_s)
        await self._log.commit(call_id, AttemptStarted(attempt, campaign, contact.id))
        return contact

    async def asked_again(self, contact: Contact, terms: Terms) -> Decision:
        self.terms.append(terms)
        return self.ruling

    async def look_again(self, campaign: str) -> None:
        self.not_yet = None

    async def counts(self, campaign: str) -> Counts:
        states = [self.states[row.id] for row in self.rows.get(campaign, [])]
        return Counts(states.count("pending"), states.count("dialling"), states.count("done"))

    async def running(self) -> Sequence[str]:
        return [name for name, state in self._running.items() if state == "running"]

    async def finished(self) -> Sequence[str]:
        return [name for name, state in self._running.items() if state == "finished"]

    def _see(self, event: Event) -> None:
        match event.fact:
            case AttemptEnded() as ended:
                assert self.states[ended.contact] == "dialling", "an attempt ended twice or without having begun"
                back = ended.result == "withdrawn" or ended.again_at is not None
                self.states[ended.contact] = "pending" if back else "done"
                self.results[ended.contact] = ended.result
                if ended.again_at is not None:
                    self.again[ended.contact] = ended.again_at
                if ended.again_at is not None and ended.result != "withdrawn":
                    number = next(row.number for rows in self.rows.values() for row in rows if row.id == ended.contact)
                    self.tried.setdefault(ended.contact, []).append((number, ended.result))
            case CampaignStateChanged() as change:
                self._running[change.campaign] = change.state


class FakeNetwork:
    """Calls people. ``people`` says by number what happens; who is not named answers and follows ``usual``."""

    def __init__(self, time: Timeline, log: MemoryLog, usual: Answering, rings_s: float = 3.0) -> None:
        self.people: dict[str, Answering | Exception] = {}
        self.dialled: list[tuple[float, str]] = []
        self.legs: list[FakeLeg] = []
        self.up = 0
        self.most_up = 0
        self.cancelled = 0
        self._time = time
        self._log = log
        self._usual = usual
        self._rings_s = rings_s

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        started = [event for event in self._log.events if event.call_id == call_id]
        assert any(isinstance(event.fact, AttemptStarted) for event in started), "dialled before the claim was on disk"
        self.dialled.append((round(self._time.at, 3), number))
        self.up += 1
        self.most_up = max(self.most_up, self.up)
        person = self.people.get(number, self._usual)
        answered = False
        try:
            if isinstance(person, Exception) and not isinstance(person, TransactionTimeout):
                await self._time.sleep(0.2)
                raise person
            if isinstance(person, TransactionTimeout):
                await self._time.sleep(timeout_s)
                raise person
            await self._time.sleep(self._rings_s)
            answered = True
        except BaseException:
            self.cancelled += not isinstance(person, Exception)
            raise
        finally:
            if not answered:
                self.up -= 1
        leg = NetworkLeg(self._time, call_id, number, self)
        self.legs.append(leg)
        assert not isinstance(person, Exception)
        person(leg, self._time.at)
        return leg


class NetworkLeg(FakeLeg):
    """Counts itself out of the network when it ends."""

    def __init__(self, time: Timeline, call_id: str, number: str, network: FakeNetwork) -> None:
        super().__init__(time, call_id, number)
        self._network = network
        self._counted = True

    async def hang_up(self, *args: object, **named: object) -> None:  # type: ignore[override]
        await super().hang_up()
        self._count_out()

    def hung_up_by_far_end(self) -> None:
        super().hung_up_by_far_end()
        self._count_out()

    def _count_out(self) -> None:
        if self._counted:
            self._counted = False
            self._network.up -= 1


def answers_all(leg: FakeLeg, at: float) -> None:
    """Agrees, is very satisfied, recommends us: done 6.3 s after answering, then hears the goodbye."""
    leg.press("1", at=at + 2.1)
    leg.press("5", at=at + 4.2)
    leg.press("10", at=at + 6.3)


def busy() -> Exception:
    return CallRejected(486, "Busy Here")


def trunk_down() -> Exception:
    return Unavailable("trunk is not registered")
