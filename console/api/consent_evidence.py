"""What is taken as evidence of a consent: what was said needs the recording or the call in which it was said, anything
else at least the name of a document. Whether a document says what it is said to say nobody here can know.
"""

import re
from typing import Final

from console.ports import CallQueries
from console.problems import Problem
from core.ids import KIND_PREFIXES

_RECORDING: Final = re.compile(rf"{KIND_PREFIXES['recording']}-\S+")
_CALL: Final = re.compile(rf"{KIND_PREFIXES['call']}-\S+")
LEAST: Final = 4
"""Letters, digits and characters in the name of a document and of the place where it lies."""


async def check_evidence(how: str, evidence: str, calls: CallQueries) -> None:
    """422 where ``evidence`` is none for a consent that was given ``how``. That a recording is there is looked at when
    it is put on hold.
    """
    if _RECORDING.fullmatch(evidence):
        return
    if _CALL.fullmatch(evidence):
        if await calls.call(evidence) is None:
            raise _fault(f"没有通话 {evidence} / there is no call {evidence}")
    elif how == "spoken":
        raise _fault("口头同意须有录音或通话编号 / what was said needs its recording or call")
    elif sum(char.isalnum() for char in evidence) < LEAST:
        raise _fault(f"凭证太短，至少 {LEAST} 个字 / is too short: {LEAST} letters at least")


def _fault(what: str) -> Problem:
    mend = "Give the id of the recording (r-…) or call (c-…); for what was written, which document and where it lies."
    return Problem(422, what, where="evidence", mend=mend, code="invalid")
