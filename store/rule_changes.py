"""From facts about who may be called to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import String, Update, bindparam, cast, insert, select, union, update

from campaigns.rule_facts import ConsentGiven, ConsentWithdrawn, ContactDecided, NumberBarred, NumberFreed
from campaigns.rules.decide import told
from campaigns.rules.values import BARRED, BarKind, Purpose
from core.events import Event
from store.changes import Change, changed, inserted, updating
from store.contact_changes import EARLIEST
from store.contact_states import DONE, PENDING
from store.schema import contacts
from store.schema_people import person_numbers
from store.schema_rules import consents, decisions, number_bars
from store.standings import ALL_CAMPAIGNS

_decide: Final = insert(decisions)
_contact_later: Final = updating(contacts, "id", "not_before").where(contacts.c.state == PENDING)
_contact_never: Final = updating(contacts, "id", "state", "result").where(contacts.c.state == PENDING)
_bar: Final = insert(number_bars)
_free: Final = (
    updating(number_bars, "number", "freed_at", "freed_by", "freed_why", only_open="freed_at")
    .where(number_bars.c.kind == bindparam("of_kind"))
)  # fmt: skip
_consent: Final = insert(consents)
_withdraw: Final = (
    updating(consents, "number", "withdrawn_at", "withdrawn_by", "withdrawn_why", only_open="withdrawn_at")
    .where(consents.c.purpose == bindparam("of_purpose"))
)  # fmt: skip
_known: Final = person_numbers.alias()
_HIS_NUMBERS: Final = union(
    select(cast(bindparam("row"), String)),
    select(person_numbers.c.number)
    .join(_known, _known.c.person == person_numbers.c.person)
    .where(_known.c.number == bindparam("row")),
)
_RULE_OF_BAR: Final = {BarKind.REFUSED.value: "refused", BarKind.LISTED.value: "do_not_call"}


def _again(rule: str) -> Update:
    """Contacts of a number, or of another of the same person, who were passed over for good by ``rule`` and never
    called wait to be called again.
    """
    return (
        update(contacts)
        .where(contacts.c.campaign.in_(ALL_CAMPAIGNS), contacts.c.number.in_(_HIS_NUMBERS))
        .where(contacts.c.state == DONE, contacts.c.result == f"{BARRED}{rule}")
        .values(state=PENDING, result="", not_before=EARLIEST)
    )


_AGAIN_BY_KIND: Final = {kind: _again(rule) for kind, rule in _RULE_OF_BAR.items()}
_AGAIN_BY_CONSENT: Final = _again("no_consent")


def rule_changes(event: Event) -> Sequence[Change]:
    """In order; bars and consents are known by their number."""
    match event.fact:
        case ContactDecided() as it:
            return _decided(event, it)
        case NumberBarred() as it:
            return [
                inserted(
                    _bar, seq=event.seq, at=event.at, call_id=event.call_id, number=it.number, kind=it.kind, how=it.how,
                    by=it.by, note=it.note, campaign=it.campaign, contact=it.contact,
                )
            ]  # fmt: skip
        case NumberFreed() as it:
            freed = changed(_free, it.number, freed_at=event.at, freed_by=it.by, freed_why=it.why)
            again = _AGAIN_BY_KIND.get(it.kind)
            return [
                Change(freed.statement, {**freed.values, "of_kind": it.kind}),
                *([Change(again, {"row": it.number})] if again is not None else []),
            ]
        case ConsentGiven() as it:
            given = inserted(
                _consent, seq=event.seq, at=event.at, number=it.number, purpose=it.purpose, how=it.how,
                evidence=it.evidence, given_at=it.given_at, by=it.by,
            )  # fmt: skip
            waits = it.purpose == Purpose.PROMOTION
            return [given, *([Change(_AGAIN_BY_CONSENT, {"row": it.number})] if waits else [])]
        case ConsentWithdrawn() as it:
            done = changed(_withdraw, it.number, withdrawn_at=event.at, withdrawn_by=it.by, withdrawn_why=it.why)
            return [Change(done.statement, {**done.values, "of_purpose": it.purpose})]
        case _:
            return []


def _decided(event: Event, it: ContactDecided) -> Sequence[Change]:
    stored = inserted(
        _decide, seq=event.seq, at=event.at, campaign=it.campaign, contact=it.contact, attempt=it.attempt,
        allowed=it.allowed, rule=it.rule, not_before=it.not_before,
    )  # fmt: skip
    if it.allowed:
        return [stored]
    decision = told(it.allowed, it.rule, it.not_before)
    if decision.for_good:
        return [stored, changed(_contact_never, it.contact, state=DONE, result=decision.result)]
    return [stored, changed(_contact_later, it.contact, not_before=it.not_before)]
