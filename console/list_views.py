"""Lists on their way into a campaign, as the API tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ListState = Literal["checking", "checked", "taking", "taken", "failed"]


@dataclass(frozen=True, slots=True)
class RejectView:
    """A row that is not taken, and why (Chinese, then English)."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ListLook:
    """What a list looks like, and what would come of it (see ``campaigns.importer.Checked``)."""

    kind: str
    encoding: str
    separator: str
    sheets: list[str]
    sheet: str
    headings: list[str]
    numbers: list[str]
    name: str
    samples: list[list[str]]
    rows: int
    accepted: int
    several: int
    flaws: Mapping[str, int]
    kinds: Mapping[str, int]
    elsewhere: Mapping[str, int]
    rejects: list[RejectView]
    added: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class ListTaken:
    """What came of it. ``file`` says whether there is a file of rejected rows; ``elsewhere`` counts rows that were
    taken of people who are in other campaigns too, by campaign; ``added`` and ``known`` numbers that are not to be
    called, new and there already (lists of these only).
    """

    accepted: int
    rejected: int
    file: bool
    rejects: list[RejectView]
    elsewhere: Mapping[str, int]
    added: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class ListView:
    """A list that ``by`` has handed over, a file ``name`` of ``size`` bytes. ``read_bytes`` and ``rows`` say how far it
    is read, ``moved`` of ``of`` rows are in (``of`` 0: it is still being read); ``fault`` why it ``failed``.
    """

    id: str
    campaign: str
    name: str
    size: int
    by: str
    state: ListState
    read_bytes: int = 0
    rows: int = 0
    rejected: int = 0
    moved: int = 0
    of: int = 0
    fault: str = ""
    look: ListLook | None = None
    taken: ListTaken | None = None


@dataclass(frozen=True, slots=True)
class ListsView:
    """The lists that are known, newest first, and the ``campaigns`` that lists may be taken into."""

    campaigns: list[str]
    lists: list[ListView] = field(default_factory=list)
