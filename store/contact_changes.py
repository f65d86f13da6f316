"""From facts about attempts at contacts, and promises to call them, to their rows. Pure; part of ``store.projection``.

A contact's ``not_before`` is what the attempt's end said, or the promise; the rules move it further as he is decided
about. ``EARLIEST`` finds again what was said, for when the rules are forgotten (``store.claims``).
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, case, exists, func, insert, or_, select, update

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded, AttemptStarted, ContactPromised, ContactSettled, ListShareChanged
from campaigns.form_facts import AttemptResulted, is_by_hand
from campaigns.settle import FINISHED, REFUSE, RETRY
from core.events import Event
from store.changes import Change, Values, changed, inserted, updating
from store.contact_states import DIALLING, DONE, PENDING
from store.schema import attempts, contacts
from store.schema_people import imports
from store.schema_promises import promises
from store.schema_settlements import settlements

_TALKED: Final = frozenset({Result.TALKED, Result.PARTIAL, Result.COMPLETED, Result.REFUSED, Result.POSTPONED})
"""Results of a talk with an agent, who may have said what is to become of the contact."""
_attempt_start: Final = insert(attempts)
_attempt_end: Final = updating(attempts, "id", "ended_at", "result", "status", "again_at", only_open="ended_at")
_contact_state: Final = updating(contacts, "id", "state", "result")
_contact_again: Final = updating(contacts, "id", "state", "result", "not_before")
_contact_promised: Final = updating(contacts, "id", "state", "result", "not_before").where(
    contacts.c.state != DIALLING  # else it is seen to when that attempt ends
)
_promise: Final = insert(promises)
_replace: Final = (
    update(promises)
    .where(promises.c.contact == bindparam("row"), promises.c.open, promises.c.seq < bindparam("below"))
    .values(open=False)
)
_began: Final = select(attempts.c.started_at).where(attempts.c.id == bindparam("of_attempt")).scalar_subquery()
_keep: Final = (
    update(promises)
    .where(promises.c.contact == bindparam("row"), promises.c.open, promises.c.made_at <= _began)
    .values(open=False)
)
_made_meanwhile: Final = (promises.c.contact == bindparam("row"), promises.c.open, promises.c.made_at > _began)
_promised_meanwhile: Final = (
    update(contacts)
    .where(contacts.c.id == bindparam("row"), exists().where(*_made_meanwhile))
    .values(
        state=PENDING,
        result="",
        not_before=select(func.max(promises.c.call_at)).where(*_made_meanwhile).scalar_subquery(),
    )
)
_say: Final = insert(settlements)
_unsay: Final = (
    update(settlements)
    .where(settlements.c.attempt == bindparam("row"), settlements.c.seq < bindparam("below"))
    .values(stands=False)
)
_said: Final = (settlements.c.attempt == bindparam("of_attempt"), settlements.c.stands)
_ends: Final = or_(settlements.c.then == FINISHED, settlements.c.then == REFUSE)
_settles: Final = or_(settlements.c.then == RETRY, _ends)
"""Not by ``in_``: a statement with a list of values is refused where it runs for several rows at once."""
_later: Final = attempts.alias("later")
_none_since: Final = (
    contacts.c.id == bindparam("row"),
    contacts.c.state != DIALLING,  # else it is seen to when that attempt ends
    ~exists().where(_later.c.contact == contacts.c.id, _later.c.started_at > _began).correlate(contacts),
)
_contact_late: Final = (
    update(contacts).where(*_none_since).values(state=bindparam("new_state"), result=bindparam("new_result"))
)
_contact_of_done: Final = updating(contacts, "id", "result").where(contacts.c.state == DONE)
_contact_by_hand: Final = _contact_late.where(
    ~exists().where(promises.c.contact == contacts.c.id, promises.c.open).correlate(contacts)
)
_again_said: Final = select(func.max(settlements.c.again_at)).where(*_said, _settles).scalar_subquery()
_done_result: Final = select(attempts.c.result).where(attempts.c.id == bindparam("of_attempt")).scalar_subquery()
_settle_attempt: Final = (
    update(attempts)
    .where(attempts.c.id == bindparam("row"), exists().where(*_said, _settles))
    .values(again_at=_again_said)
)
_settle_again: Final = (
    update(contacts)
    .where(*_none_since, exists().where(*_said, settlements.c.then == RETRY))
    .values(state=PENDING, result="", not_before=_again_said)
)
_settle_done: Final = (
    update(contacts).where(*_none_since, exists().where(*_said, _ends)).values(state=DONE, result=_done_result)
)
_unpromise: Final = (
    update(promises)
    .where(promises.c.contact == bindparam("row"), promises.c.open, promises.c.made_at >= _began)
    .values(open=False)
)
_list_share: Final = updating(imports, "id", "weight", "quota")
_others: Final = imports.alias()
_his_first: Final = (
    select(func.max(_others.c["first"]))
    .where(_others.c.campaign == bindparam("row"), _others.c["first"].between(1, bindparam("of_contact")))
    .scalar_subquery()
)
_completed: Final = (
    update(imports)
    .where(
        imports.c.id
        == select(func.max(_others.c.id))
        .where(_others.c.campaign == bindparam("row"), _others.c["first"] == _his_first)
        .scalar_subquery()
    )
    .values(completed=imports.c.completed + 1)
)

_of_his: Final = (promises.c.contact == contacts.c.id, promises.c.open)
_promised_at: Final = func.coalesce(
    select(func.max(promises.c.call_at)).where(*_of_his).correlate(contacts).scalar_subquery(), 0.0
)
_promised_since: Final = func.coalesce(
    select(func.max(promises.c.made_at)).where(*_of_his).correlate(contacts).scalar_subquery(), 0.0
)
_again_at: Final = func.coalesce(
    select(func.max(attempts.c.again_at))
    .where(attempts.c.contact == contacts.c.id, attempts.c.started_at >= _promised_since)
    .correlate(contacts)
    .scalar_subquery(),
    0.0,
)
EARLIEST: Final = case((_promised_at > _again_at, _promised_at), else_=_again_at)
"""Before this moment no plan and no promise wants a contact to be called."""


def contact_changes(event: Event) -> Sequence[Change]:
    """In order; contacts and promises are known by the contact."""
    match event.fact:
        case AttemptStarted() as it:
            whom: Values = {"campaign": it.campaign, "contact": it.contact, "number": it.number}
            started = inserted(
                _attempt_start, id=it.attempt, call_id=event.call_id, started_at=event.at, again_at=it.again_at, **whom
            )
            return [started, changed(_contact_state, it.contact, state=DIALLING, result="")]
        case AttemptEnded() as it:
            end = changed(
                _attempt_end, it.attempt, ended_at=event.at, result=it.result, status=it.status, again_at=it.again_at
            )
            return [end, *_contact_after(it)]
        case ContactPromised() as it:
            made = inserted(
                _promise, seq=event.seq, campaign=it.campaign, contact=it.contact, call_at=it.call_at, agent=it.agent,
                by=it.by, note=it.note, made_at=event.at, open=True,
            )  # fmt: skip
            waits = changed(_contact_promised, it.contact, state=PENDING, result="", not_before=it.call_at)
            return [Change(_replace, {"row": it.contact, "below": event.seq}), made, waits]
        case ContactSettled() as it:
            said = inserted(
                _say, seq=event.seq, at=event.at, campaign=it.campaign, contact=it.contact, attempt=it.attempt,
                code=it.code, then=it.then, agreed=it.agreed, again_at=it.again_at, stands=True,
            )  # fmt: skip
            whose: Values = {"row": it.contact, "of_attempt": it.attempt}
            unsaid = [Change(_unpromise, whose)] if it.then in (RETRY, FINISHED, REFUSE) else []
            replaced = Change(_unsay, {"row": it.attempt, "below": event.seq})
            return [replaced, said, *unsaid, *_settled(it.attempt, it.contact)]
        case ListShareChanged() as it:
            return [changed(_list_share, it.list, weight=it.weight, quota=it.quota)]
        case _:
            return []


def _settled(attempt: str, contact: int) -> list[Change]:
    """What was said of the attempt's talk holds over what the plan says, as far as nobody has called him since."""
    whose: Values = {"row": contact, "of_attempt": attempt}
    return [
        Change(_settle_attempt, {"row": attempt, "of_attempt": attempt}),
        Change(_settle_again, whose),
        Change(_settle_done, whose),
    ]


def _contact_after(it: AttemptEnded) -> list[Change]:
    """What becomes of the contact. An attempt that sent not one packet gives him back as he was, or for later."""
    if it.result == Result.WITHDRAWN.value and it.again_at is None:
        return [changed(_contact_state, it.contact, state=PENDING, result="")]
    if it.again_at is not None:
        waits = changed(_contact_again, it.contact, state=PENDING, result="", not_before=it.again_at)
        return [waits, *_following(it)]
    return _done(changed(_contact_state, it.contact, state=DONE, result=it.result), it)


def done_late(it: AttemptResulted) -> list[Change]:
    """What becomes of a contact whose attempt was over before it had its result: where the form is not finished he
    waits on if he does. One who was called by hand, in no attempt, and who was promised a call waits for that.
    """
    if it.result == Result.PARTIAL.value:
        return [changed(_contact_of_done, it.contact, result=it.result)]
    statement = _contact_by_hand if is_by_hand(it.attempt) else _contact_late
    values: Values = {"row": it.contact, "of_attempt": it.attempt, "new_state": DONE, "new_result": it.result}
    return _done(Change(statement, values), it)


def _following(it: AttemptEnded | AttemptResulted) -> list[Change]:
    """What was said of a talk with an agent, or promised meanwhile, holds over the plan."""
    said = _settled(it.attempt, it.contact) if it.result in _TALKED else []
    return [*said, Change(_promised_meanwhile, {"row": it.contact, "of_attempt": it.attempt})]


def _done(own: Change, it: AttemptEnded | AttemptResulted) -> list[Change]:
    after = [own, Change(_keep, {"row": it.contact, "of_attempt": it.attempt}), *_following(it)]
    if it.result == Result.COMPLETED.value:
        after.append(Change(_completed, {"row": it.campaign, "of_contact": it.contact}))
    return after
