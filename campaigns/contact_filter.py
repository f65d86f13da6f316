"""Which contacts of a campaign, or which of its attempts, are meant: those behind a figure, for one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Each field narrows where it is set. ``state``: pending, dialling or done; ``result``: he is done with it, or his
    last call ended so while he is not; ``tried``: he was called once at least, or is being called; ``listed``: he is in
    the list, neither held out nor put aside; ``text`` is part of his name or of one of his numbers.
    """

    state: str = ""
    result: str = ""
    tried: bool = False
    listed: bool = False
    text: str = ""


EVERYBODY: Final = ContactFilter()


@dataclass(frozen=True, slots=True)
class AttemptCell:
    """Attempts of ``campaign`` of the round ``round`` (0: of all). ``figure`` of the report, of those that are over:
    attempts, connected, reached, went_well or abandoned; or of the live picture: dialled, answered. With one
    ``result``; the ``nth`` of its contact in his round (0: any); begun in the ``hour`` of the day of ``zone`` (None:
    any).
    """

    campaign: str
    figure: str = "attempts"
    result: str = ""
    nth: int = 0
    hour: int | None = None
    zone: str = "UTC"
    round: int = 0
