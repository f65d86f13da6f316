"""Recordings that prove who may be called: of a consent the one that its evidence names, or those of the call that it
names; of a refusal those of the call in which it was said.

They are on legal hold while consent or refusal holds, and once it was taken back for as long as the house keeps
recordings: until then somebody may ask by what right the customer was called, or not. What proves a consent is held as
that goes on record. The retention holds the rest instead of deleting it (refusals, and what was recorded after the
consent), and lets go of all that when its time is over.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, exists, or_, select

from archive.facts import RecordingHeld
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.evidence import Proof, proof_of
from campaigns.rules.values import BarKind
from core.errors import LocalProtocolError, ParseError
from store.bulk import among, pieces
from store.schema import calls, recordings
from store.schema_rules import consents, number_bars
from store.writer import Transaction

OF_CONSENT: Final = "同意凭证 evidence of consent"
OF_REFUSAL: Final = "拒绝凭证 evidence of a refusal"
PROOFS: Final = (OF_CONSENT, OF_REFUSAL)
"""Why such recordings are held; what is held for another reason is left to whoever holds it."""
_PIECE: Final = 1000

ToHold: TypeAlias = tuple[str, str]
"""A recording that is not on hold, and its call."""
_the_row: Final = recordings.c.id == bindparam("of")
_since: Final[BindParameter[float]] = bindparam("since")


def _holds(taken_back: ColumnElement[float | None]) -> ColumnElement[bool]:
    return or_(taken_back.is_(None), taken_back >= _since)


_consent: Final = consents.c.evidence.in_((recordings.c.id, recordings.c.call_id))
_refusal: Final = and_(number_bars.c.call_id == recordings.c.call_id, number_bars.c.kind == BarKind.REFUSED.value)
_proves_consent: Final = exists().where(_consent, _holds(consents.c.withdrawn_at))
_proves_refusal: Final = exists().where(_refusal, _holds(number_bars.c.freed_at))
_PROVES_NOW: Final = select(recordings.c.id).where(
    _the_row, exists().where(_consent, consents.c.withdrawn_at.is_(None))
)
_PROVES: Final = select(_proves_consent.label("consent"), _proves_refusal.label("refusal")).where(_the_row)
MAY_GO: Final = or_(
    recordings.c.held_at.is_(None), and_(recordings.c.held_why.in_(PROOFS), ~_proves_consent, ~_proves_refusal)
)
"""Of a row of ``recordings``: it is not held, or only as the proof of what was taken back before ``since``."""


def proves_consent(connection: Connection, recording: str) -> bool:
    """Whether ``recording`` proves a consent that counts."""
    return connection.scalar(_PROVES_NOW, {"of": recording}) is not None


def proof_since(connection: Connection, recording: str, since: float) -> str:
    """What ``recording`` is the proof of (one of ``PROOFS``), where that holds or was taken back at ``since`` or later;
    else "".
    """
    found = connection.execute(_PROVES, {"of": recording, "since": since}).one_or_none()
    if found is None or not (found.consent or found.refusal):
        return ""
    return OF_CONSENT if found.consent else OF_REFUSAL


def recordings_of(connection: Connection, evidence: Iterable[str]) -> Mapping[str, Sequence[ToHold]]:
    """By evidence that is a recording or call: what of it is not on hold yet. A recording that is unknown or was
    deleted is left out; a call need not have any.
    """
    found: dict[str, list[ToHold]] = {}
    table = recordings.c
    wanted = set(evidence)
    for proof, column in ((Proof.RECORDING, table.id), (Proof.CALL, table.call_id)):
        for ids in _ids(wanted, proof):
            there = select(column.label("named"), table.id, table.call_id, table.held_at).where(
                among(connection, column, ids), table.deleted_at.is_(None)
            )
            for row in connection.execute(there):
                of = found.setdefault(row.named, [])
                if row.held_at is None:
                    of.append((row.id, row.call_id))
    return found


def calls_there(connection: Connection, evidence: Iterable[str]) -> frozenset[str]:
    """The evidence that is a call of this house."""
    return frozenset(
        found
        for ids in _ids(set(evidence), Proof.CALL)
        for found in connection.scalars(select(calls.c.id).where(among(connection, calls.c.id, ids)))
    )


def missing(evidence: str, recorded: Collection[str], called: Collection[str]) -> Proof | None:
    """What ``evidence`` names and is not there, by what ``recordings_of`` and ``calls_there`` have found; else None."""
    proof = proof_of(evidence)
    there = {Proof.RECORDING: recorded, Proof.CALL: called}.get(proof)
    return None if there is None or evidence in there else proof


def _ids(evidence: set[str], proof: Proof) -> Iterator[Sequence[str]]:
    return pieces(sorted(each for each in evidence if proof_of(each) is proof), _PIECE)


def hold(transaction: Transaction, to_hold: Iterable[ToHold], by: str, why: str = OF_CONSENT) -> None:
    """Put ``to_hold`` on legal hold as a proof."""
    for recording, call_id in to_hold:
        transaction.say(call_id, RecordingHeld(recording, by, why))


def hold_evidence(transaction: Transaction, consent: ConsentGiven) -> None:
    """Put on hold what proves ``consent``. ``LocalProtocolError`` where it is a recording that is unknown or gone,
    ``ParseError`` where it is a call that there is not.
    """
    evidence, connection = consent.evidence, transaction.connection
    known = recordings_of(connection, [evidence])
    match missing(evidence, known, calls_there(connection, [evidence])):
        case Proof.RECORDING:
            raise LocalProtocolError(f"there is no recording {evidence}, or it was deleted")
        case Proof.CALL:
            raise ParseError(f"没有通话 {evidence} (there is no call {evidence})")
        case _:
            hold(transaction, known.get(evidence, ()), consent.by)
