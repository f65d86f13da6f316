"""The figures of a report by key (those of ``reports.formulas``), and the entries that stand behind each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import ParseError
from reports.columns import ABANDONED, ANSWERED, CALLED_BACK, INTERRUPTED, LEFT_BY_KEY, OUTCOMES, OVERFLOWED, WAITING
from reports.formulas import AGENT_FORMULAS
from reports.model import AgentLine, Cell, ReportQuery, Waits
from reports.rows import EntryRow

Figure: TypeAlias = int | float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Entries that ended as one of ``outcomes``; with ``early`` those that waited at most T of their queue (True) or
    longer (False), with ``short`` those that waited less than the limit of short abandons or not.
    """

    outcomes: tuple[str, ...]
    early: bool | None = None
    short: bool | None = None

    def holds(self, row: EntryRow, query: ReportQuery) -> bool:
        """Whether ``row`` is one of them."""
        if row.outcome not in self.outcomes:
            return False
        wait_s = 0.0 if row.wait_s is None else row.wait_s
        in_time = self.early is None or (wait_s <= query.threshold_of(row.queue)) is self.early
        return in_time and (self.short is None or (wait_s < query.short_s) is self.short)


Kinds: TypeAlias = tuple[Ended, ...]
"""Entries of any of these kinds."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Ids of the queue entries behind a figure: ``counted`` above the line, ``of`` below it (the same for a plain
    count).
    """

    counted: tuple[str, ...]
    of: tuple[str, ...]


def figures(cell: Cell) -> dict[str, Figure]:
    """Every figure of ``cell`` by its key."""
    counts, rates = cell.counts, cell.rates
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "abandoned": counts.abandoned,
        "short_abandons": counts.short_abandons,
        "interrupted": counts.interrupted,
        "overflowed": counts.overflowed,
        "called_back": counts.called_back,
        "left_by_key": counts.left_by_key,
        "waiting": counts.waiting,
        "answer_rate": rates.answer_rate,
        "answer_rate_without_short": rates.answer_rate_without_short,
        "answer_rate_without_key": rates.answer_rate_without_key,
        "abandon_rate": rates.abandon_rate,
        "abandon_rate_without_short": rates.abandon_rate_without_short,
        "service_level_a": rates.service_level_a,
        "service_level_b": rates.service_level_b,
        "service_level_c": rates.service_level_c,
        "service_level_d": rates.service_level_d,
        "asa_s": cell.asa_s,
        **_wait_figures("answered", cell.answered_waits),
        **_wait_figures("abandoned", cell.abandoned_waits),
    }


def agent_figures(line: AgentLine) -> dict[str, Figure]:
    """Every figure of ``line`` by its key."""
    return {formula.key: getattr(line, formula.key) for formula in AGENT_FORMULAS}


def _wait_figures(key: str, waits: Waits) -> dict[str, Figure]:
    return {
        f"{key}_p50_s": waits.p50_s,
        f"{key}_p80_s": waits.p80_s,
        f"{key}_p90_s": waits.p90_s,
        f"{key}_p95_s": waits.p95_s,
        f"{key}_max_s": waits.max_s,
    }


def kinds_behind(key: str) -> tuple[Kinds, Kinds]:
    """What is counted in figure ``key`` above and below the line; ``ParseError`` for a key that is no figure."""
    kinds = _KINDS.get(key)
    if kinds is None:
        raise ParseError(f"no such figure: {key!r}", where="figure")
    return kinds


def behind(rows: Iterable[EntryRow], key: str, query: ReportQuery) -> Behind:
    """The entries of ``rows`` behind figure ``key``; ``ParseError`` for a key that is no figure."""
    counted, of = kinds_behind(key)
    inside = [
        row
        for row in rows
        if query.since <= row.entered_at < query.until
        and query.queue in ("", row.queue)
        and query.line in ("", row.line)
    ]

    def ids(kinds: Kinds) -> tuple[str, ...]:
        return tuple(row.id for row in inside if any(kind.holds(row, query) for kind in kinds))

    return Behind(ids(counted), ids(of))


_answered: Final = (Ended((ANSWERED,)),)
_abandoned: Final = (Ended((ABANDONED, INTERRUPTED)),)
_early: Final = (Ended((ANSWERED,), early=True),)
_everything: Final = (Ended(OUTCOMES),)
_but_short: Final = (Ended(tuple(it for it in OUTCOMES if it != ABANDONED)), Ended((ABANDONED,), short=False))
_but_key: Final = (Ended(tuple(it for it in OUTCOMES if it != LEFT_BY_KEY)),)


def _plain(*kinds: Ended) -> tuple[Kinds, Kinds]:
    return kinds, kinds


_KINDS: Final[Mapping[str, tuple[Kinds, Kinds]]] = {
    "offered": _plain(*_everything),
    "answered": _plain(*_answered),
    "abandoned": _plain(*_abandoned),
    "short_abandons": _plain(Ended((ABANDONED,), short=True)),
    "interrupted": _plain(Ended((INTERRUPTED,))),
    "overflowed": _plain(Ended((OVERFLOWED,))),
    "called_back": _plain(Ended((CALLED_BACK,))),
    "left_by_key": _plain(Ended((LEFT_BY_KEY,))),
    "waiting": _plain(Ended((WAITING,))),
    "answer_rate": (_answered, _everything),
    "answer_rate_without_short": (_answered, _but_short),
    "answer_rate_without_key": (_answered, _but_key),
    "abandon_rate": (_abandoned, _everything),
    "abandon_rate_without_short": ((Ended((ABANDONED,), short=False), Ended((INTERRUPTED,))), _but_short),
    "service_level_a": (_early, _answered),
    "service_level_b": (_early, _everything),
    "service_level_c": (_early, (*_answered, Ended((ABANDONED, INTERRUPTED), early=False))),
    "service_level_d": (
        (*_early, Ended((ABANDONED, INTERRUPTED), early=True)),
        (Ended((ANSWERED, ABANDONED, INTERRUPTED)),),
    ),
    "asa_s": _plain(*_answered),
    **{f"answered_{part}_s": _plain(*_answered) for part in ("p50", "p80", "p90", "p95", "max")},
    **{f"abandoned_{part}_s": _plain(*_abandoned) for part in ("p50", "p80", "p90", "p95", "max")},
}
