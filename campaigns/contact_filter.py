"""Which contacts of a campaign, or which of its attempts, are meant: those behind a figure, for one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class StageCell:
    """People at the stage ``key`` of ``reports.conversion``: dialled, reached, went_well, agreed; visited or bought
    within ``days`` after the day on which they were reached; or ``open``: reached so lately that these days are not
    over ``now`` (epoch seconds). Days are those of ``zone``.
    """

    key: str
    days: int = 30
    zone: str = "UTC"
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Each field narrows where it is set. ``state``: pending, dialling or done; ``result``: he is done with it, or his
    last call ended so while he is not; ``tried``: he was called once at least, or is being called; ``listed``: he is in
    the list, neither held out nor put aside; ``text`` is part of his name or of one of his numbers. With a ``round``
    (0: all) he is in it or was, and ``state``, ``tried``, ``listed`` and ``stage`` are what they were in that round:
    who is in a later one is done with it.
    """

    state: str = ""
    result: str = ""
    tried: bool = False
    listed: bool = False
    text: str = ""
    round: int = 0
    stage: StageCell | None = None


EVERYBODY: Final = ContactFilter()


@dataclass(frozen=True, slots=True)
class AttemptCell:
    """Attempts of ``campaign`` of the round ``round`` (0: of all). ``figure`` of the report, of those that are over:
    attempts, connected, reached, went_well, abandoned, or abandoned_30 (of the 30 days before ``now``, epoch seconds);
    or of the live picture: dialled, answered, ringing and talking (``now``), lately (begun in the hour before it). With
    one ``result``; the ``nth`` of its contact in his round (0: any); begun in the ``hour`` of the day of ``zone``, or
    in the hour ``week_hour`` of its week (0: Mondays from 0 to 1; None: any).
    """

    campaign: str
    figure: str = "attempts"
    result: str = ""
    nth: int = 0
    hour: int | None = None
    zone: str = "UTC"
    round: int = 0
    week_hour: int | None = None
    now: float = 0.0
