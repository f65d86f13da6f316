"""What can become true of promises to call somebody back.

A caller who chooses to be called back leaves the line as ``called_back`` (``queue.left``): with that he is counted,
once. His promise keeps the place. While it stands in the line it is an entry like any other, but its coming and going
are facts of their own, so no report counts him twice. Every promise ends exactly once, with one ``callback.ended``.
"""

from dataclasses import dataclass

from acd.facts import QueueEntered, QueueLeft, QueueOutcome
from acd.lines import Entry
from core.events import Fact, fact

WITHDRAWN = "withdrawn"
"""How the entry of a promise ends that no agent took: it rests, or is over."""


@fact("callback.promised")
@dataclass(frozen=True, slots=True)
class CallbackPromised(Fact):
    """Whoever waited as ``entry`` is to be called back at ``number``: he is due at ``due_at``, and the promise holds
    until ``expires_at`` (epoch seconds). ``skills`` are what he needs besides those of the queue ("english:3").
    """

    callback: str
    queue: str
    number: str
    entry: str
    due_at: float
    expires_at: float
    skills: tuple[str, ...] = ()


@fact("callback.waits")
@dataclass(frozen=True, slots=True)
class CallbackWaits(Fact):
    """The promise stands in ``queue`` as ``entry``; the call is the one that is to be made."""

    callback: str
    entry: str
    queue: str


@fact("callback.left")
@dataclass(frozen=True, slots=True)
class CallbackLeft(Fact):
    """It stands there no more: ``outcome`` is answered (``agent`` has taken it) or withdrawn."""

    callback: str
    entry: str
    queue: str
    outcome: str
    wait_s: float
    agent: str = ""


@fact("callback.dialled")
@dataclass(frozen=True, slots=True)
class CallbackDialled(Fact):
    """``number`` is being called for ``agent``: written before the first packet leaves. It is try number ``tries``."""

    callback: str
    queue: str
    number: str
    agent: str
    tries: int


@fact("callback.missed")
@dataclass(frozen=True, slots=True)
class CallbackMissed(Fact):
    """The customer was not reached: ``result`` of ``campaigns.attempt.Result``, ``status`` of SIP where refused. It
    is tried again at ``again_at`` (epoch seconds) unless it ends; so far ``tries`` count.
    """

    callback: str
    queue: str
    result: str
    tries: int
    again_at: float
    status: int = 0


@fact("callback.hastened")
@dataclass(frozen=True, slots=True)
class CallbackHastened(Fact):
    """``by`` (an account) wants it tried now: it goes before everybody, and rests no more."""

    callback: str
    queue: str
    by: str


@fact("callback.ended")
@dataclass(frozen=True, slots=True)
class CallbackEnded(Fact):
    """The promise is over, said once: ``outcome`` of ``acd.callbacks.CallbackOutcome``. ``agent`` has reached him;
    ``by`` is the account that cancelled it, "system" or "caller".
    """

    callback: str
    queue: str
    outcome: str
    agent: str = ""
    by: str = "system"


def entered(entry: Entry) -> Fact:
    """The fact that ``entry`` stands in its queue."""
    if entry.terms.callback:
        return CallbackWaits(entry.terms.callback, entry.id, entry.queue)
    return QueueEntered(entry.id, entry.queue)


def left(entry: Entry, outcome: QueueOutcome, wait_s: float, agent: str, why: str = "") -> Fact:
    """The fact that ``entry`` has left it."""
    if entry.terms.callback:
        ended = outcome.value if outcome is QueueOutcome.ANSWERED else WITHDRAWN
        return CallbackLeft(entry.terms.callback, entry.id, entry.queue, ended, wait_s, agent)
    return QueueLeft(entry.id, entry.queue, outcome, wait_s, agent, why)
