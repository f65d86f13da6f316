"""A dry run: whom a campaign would call now, and why not the others. What is found; nothing is changed by it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.result_words import RESULT_WORDS
from campaigns.rules.decide import decide, told
from campaigns.rules.values import BARRED, Decision, Standing, Terms

SHOWN: Final = 10
LOOKED_AT: Final = 200
"""Contacts that are judged at most, from the top of the list."""

NOT_DUE: Final = "not_due"
DONE: Final = "done"
IN_CALL: Final = Decision(
    False, "in_call", "正在拨打、通话，或由坐席查看", "is being called, talks, or is read about by an agent just now"
)
"""Of a contact with whom somebody or something is busy."""
_AGAIN: Final = ("已呼过，还没到再呼的时间", "called before, and the time to call again has not come yet")


def not_due(at: float) -> Decision:
    """He was called before, or promised a call, and his turn comes ``at``."""
    return Decision(False, NOT_DUE, "还没到下次呼叫的时间", "his next turn has not come yet", at)


def decide_in_turn(who: Standing, terms: Terms, now: float, turn_at: float, *, promised: bool) -> Decision:
    """May ``who`` be called ``now``, whose turn by the plan of retries, or by a promise, comes ``turn_at``? He waits
    for that, and for the hours that are open then, unless a rule forbids his call for longer, or for good.
    """
    found = decide(who, terms, now)
    if turn_at <= now or found.for_good or (found.not_before or 0.0) > turn_at:
        return found
    then = decide(who, terms, turn_at)
    if then.for_good:
        return then
    zh, en = ("约定回电的时间还没到", "the moment that he was promised has not come yet") if promised else _AGAIN
    return Decision(False, NOT_DUE, zh, en, turn_at if then.not_before is None else then.not_before)


def done(result: str, anew_at: float | None) -> Decision:
    """Nobody calls him: he is done with ``result``. A living selection asks for him again from ``anew_at`` on (epoch
    seconds; None: none does).
    """
    zh, en = RESULT_WORDS.get(result, (result, result))
    if not result.startswith(BARRED):  # their words say that he is not called
        zh, en = f"已结束：{zh}", f"done: {en}"
    if anew_at is not None:
        zh, en = f"{zh}；到时仍符合选人条件则再呼", f"{en}; called anew if the selection still asks for him then"
    return Decision(False, DONE, zh, en, anew_at)


def words_of(rule: str) -> Decision:
    """What ``rule`` is called."""
    return not_due(0.0) if rule == NOT_DUE else told(False, rule, None)


@dataclass(frozen=True, slots=True)
class Judged:
    """One contact, and what would be decided about him now."""

    contact: int
    name: str
    number: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Of ``pending`` contacts the first ``looked_at`` were judged: ``shown`` are those who would be called first, and
    after them, while there is room, those who would be passed over first; ``allowed`` counts the former; of the latter
    ``waiting`` counts by the deciding rule who would have his turn later, ``never`` whom it forbids for good;
    ``barred`` counts by rule those who were passed over for good before.
    """

    pending: int
    looked_at: int
    allowed: int
    shown: tuple[Judged, ...]
    waiting: Mapping[str, int]
    never: Mapping[str, int]
    barred: Mapping[str, int]


def rehearsed(judged: list[Judged], pending: int, barred: Mapping[str, int]) -> Rehearsal:
    """What ``judged``, in the order in which they would be taken, come to."""
    called = [one for one in judged if one.decision.allowed]
    passed = [one for one in judged if not one.decision.allowed]
    waiting = Counter(one.decision.rule for one in passed if not one.decision.for_good)
    never = Counter(one.decision.rule for one in passed if one.decision.for_good)
    return Rehearsal(pending, len(judged), len(called), tuple([*called, *passed][:SHOWN]), waiting, never, barred)
