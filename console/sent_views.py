"""What became of rows that a program has sent, as the API tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

RowResult = Literal["taken", "known", "rejected"]
TAKEN: Final = "taken"
KNOWN: Final = "known"
REJECTED: Final = "rejected"


@dataclass(frozen=True, slots=True)
class SentRowView:
    """Row ``row`` of the request (the first is 1) was ``taken`` in, was ``known`` before (so nothing changed), or is
    ``rejected``: ``reason`` says what is wrong with it, in Chinese and English. ``contact`` is the id that the person
    has in the campaign; null where no campaign was asked for.
    """

    row: int
    result: RowResult
    reason: str = ""
    contact: int | None = None


@dataclass(frozen=True, slots=True)
class SentView:
    """How many rows were ``accepted``, ``known`` before and ``rejected``, and each row with its own answer."""

    accepted: int
    known: int
    rejected: int
    rows: list[SentRowView]


def sent_view(
    count: int,
    rejected: Mapping[int, str],
    known: Mapping[int, str],
    contacts: Mapping[int, int] | None = None,
) -> SentView:
    """Of a request with ``count`` rows, some of them ``rejected`` or ``known`` by row with the reason; the others were
    taken. ``contacts`` are ids by row.
    """
    rows: list[SentRowView] = []
    for row in range(1, count + 1):
        result: RowResult = REJECTED if row in rejected else KNOWN if row in known else TAKEN
        reason = rejected.get(row) or known.get(row, "")
        rows.append(SentRowView(row, result, reason, (contacts or {}).get(row)))
    return SentView(count - len(rejected) - len(known), len(known), len(rejected), rows)


def refused_rows(view: SentView) -> Sequence[Mapping[str, object]]:
    """The rejected rows, for a problem."""
    return [{"row": each.row, "reason": each.reason} for each in view.rows if each.result == REJECTED]
