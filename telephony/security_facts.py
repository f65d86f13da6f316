"""What becomes true of those who try to get past the door, or to call at our expense. Sources are addresses (IPv6: the
/64); no names of users, no whole numbers.
"""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("security.guessed")
@dataclass(frozen=True, slots=True)
class WrongPasswords(Fact):
    """A phone, or somebody who would like to be one, proved itself wrongly ``times`` since this was told last."""

    source: str
    times: int


@fact("security.locked_out")
@dataclass(frozen=True, slots=True)
class SourceLockedOut(Fact):
    """After ``wrong`` proofs for one user, proofs of that user from ``source`` are not looked at for ``lasts_s``; where
    ``whole``, nothing of the source is, but of phones that are registered there.
    """

    source: str
    whole: bool
    wrong: int
    lasts_s: float


@fact("security.flooded")
@dataclass(frozen=True, slots=True)
class SourceFlooding(Fact):
    """A source asks more than it may: ``dropped`` requests since this was told last."""

    source: str
    dropped: int


@fact("security.barred")
@dataclass(frozen=True, slots=True)
class SourceBarred(Fact):
    """Somebody claimed to be a phone of ours where that phone is not allowed to be, ``times`` since told last."""

    source: str
    times: int


@fact("security.call_refused")
@dataclass(frozen=True, slots=True)
class OutsideCallRefused(Fact):
    """A call to a number outside was refused, ``times`` since this was told last: ``by`` asked (an agent, an account;
    "": a campaign), ``number`` is masked, ``why`` is listed, abroad, premium, unknown, agent_hour or prefix_hour.
    """

    by: str
    number: str
    why: str
    times: int


@fact("security.lock_lifted")
@dataclass(frozen=True, slots=True)
class LockLifted(Fact):
    """``by`` ended the pauses of a source before their time: ``pauses`` of them, for one user each or for all."""

    source: str
    pauses: int
    by: str
