"""What is taken as evidence of a consent, by whichever door it comes: what was said needs the recording or the call in
which it was said, anything else at least the name of a document. Pure: that recording or call are there, the store
knows (``store.evidence``). Whether a document says what it is said to say nobody here can know.
"""

import re
from enum import Enum, auto
from typing import Final

from core.errors import ParseError
from core.ids import KIND_PREFIXES

LEAST: Final = 4
"""Letters, digits and characters in the name of a document and of the place where it lies."""
MOST: Final = 300
"""Signs of it that are kept."""
_RECORDING: Final = re.compile(rf"{KIND_PREFIXES['recording']}-\S+")
_CALL: Final = re.compile(rf"{KIND_PREFIXES['call']}-\S+")


class Proof(Enum):
    """What evidence is."""

    RECORDING = auto()
    CALL = auto()
    DOCUMENT = auto()


def proof_of(evidence: str) -> Proof:
    """What ``evidence`` is, by how it is written."""
    if _RECORDING.fullmatch(evidence):
        return Proof.RECORDING
    return Proof.CALL if _CALL.fullmatch(evidence) else Proof.DOCUMENT


def check_evidence(how: str, evidence: str) -> Proof:
    """What ``evidence`` is, of a consent that was given ``how`` (written, online, spoken, agent). ``ParseError``,
    Chinese first, where it is none.
    """
    if not evidence:
        raise ParseError("没有凭证 (no evidence)")
    if len(evidence) > MOST:
        raise ParseError(f"凭证超过{MOST}字 (evidence is longer than {MOST} characters)")
    proof = proof_of(evidence)
    if proof is not Proof.DOCUMENT:
        return proof
    if how == "spoken":
        raise ParseError("口头同意须有录音或通话编号 (what was said needs its recording, r-…, or call, c-…)")
    if sum(sign.isalnum() for sign in evidence) < LEAST:
        raise ParseError(f"凭证太短，至少{LEAST}个字 (evidence is too short: {LEAST} letters at least)")
    return proof
