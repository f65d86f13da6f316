"""What can become true of who may be called: decisions, refusals, do-not-call lists, consents. All of it is in the
hash-chained ledger too (``store.ledger``).
"""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("contact.decided")
@dataclass(frozen=True, slots=True)
class ContactDecided(Fact):
    """Contact ``contact`` (row id) of ``campaign`` may be called now, in ``attempt``; or he may not, by ``rule`` (a
    name of ``campaigns.rules.table``), before ``not_before`` (epoch seconds; None: not until something else changes).
    """

    campaign: str
    contact: int
    allowed: bool
    rule: str = ""
    not_before: float | None = None
    attempt: str = ""


@fact("number.barred")
@dataclass(frozen=True, slots=True)
class NumberBarred(Fact):
    """``number`` is not to be called by campaigns: ``kind`` is refused (the person said so) or listed. ``how`` is key,
    speech, agent, person (told a supervisor) or import; ``by`` the account, "" the customer himself in ``campaign``.
    """

    number: str
    kind: str
    how: str
    by: str = ""
    note: str = ""
    campaign: str = ""
    contact: int = 0


@fact("number.freed")
@dataclass(frozen=True, slots=True)
class NumberFreed(Fact):
    """Account ``by`` has taken back what barred ``number`` by ``kind``; ``why`` in words."""

    number: str
    kind: str
    by: str
    why: str


@fact("consent.given")
@dataclass(frozen=True, slots=True)
class ConsentGiven(Fact):
    """Whoever has ``number`` agreed ``given_at`` (epoch seconds) to calls for ``purpose``. ``how``: written, online,
    spoken or agent; ``evidence``: the id of the recording or the name of the document; ``by``: who put it on record.
    """

    number: str
    purpose: str
    how: str
    evidence: str
    given_at: float
    by: str


@fact("consent.withdrawn")
@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Fact):
    """He no longer agrees to calls for ``purpose``; ``by`` put that on record, ``why`` in words."""

    number: str
    purpose: str
    by: str
    why: str
