"""What a disposition of a campaign's call means for the contact. Pure.

Whoever was tried as often as the plan allows is not tried again, whatever the code says; a promise stands all the same,
since he has asked for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from campaigns.facts import ContactPromised, ContactSettled
from campaigns.retry import RetryPlan, Wait, left, moment_of
from campaigns.rule_facts import NumberBarred
from campaigns.rules.values import BarKind
from campaigns.tried import Tried
from core.events import Fact

REFUSE: Final = "refuse"
CALL_AGAIN: Final = "call_again"
RETRY: Final = "retry"
FINISHED: Final = "finished"
_LEFT_OPEN: Final = frozenset({CALL_AGAIN, RETRY})


@dataclass(frozen=True, slots=True)
class Word:
    """``code`` was said of the talk of ``agent`` by account ``by``, and what it means: ``then`` is "" or one of those
    above; with retry he is tried again after ``wait``, with call again he is called ``call_at`` (epoch seconds).
    """

    code: str
    agent: str
    by: str
    then: str = ""
    agreed: bool = False
    wait: Wait | None = None
    call_at: float | None = None
    note: str = ""


def settled(tried: Tried, word: Word, plan: RetryPlan, now: float) -> Iterator[Fact]:
    """What becomes true by ``word`` of the attempt ``tried``."""
    then, again = word.then, None
    if then == RETRY and word.wait is not None:
        again = moment_of(plan, word.wait, now) if left(plan, tried.past) else None
        then = RETRY if again is not None else FINISHED
    elif not then and tried.before in _LEFT_OPEN:  # it was said before that he is to be called again, and is not so
        then = FINISHED
    yield ContactSettled(tried.campaign, tried.contact, tried.attempt, word.code, then, word.agreed, again, word.by)
    if then == REFUSE and not tried.barred:
        yield NumberBarred(
            tried.number, BarKind.REFUSED.value, "agent", word.by, word.note or word.code, tried.campaign, tried.contact
        )
    if then == CALL_AGAIN and word.call_at is not None:
        yield ContactPromised(tried.campaign, tried.contact, word.call_at, word.agent, word.by, word.note)
