"""The figures of a report by key (those of ``reports.formulas``), and the entries that stand behind each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import ParseError
from reports.columns import ABANDONED, ANSWERED, CALLED_BACK, INTERRUPTED, LEFT_BY_KEY, OVERFLOWED, WAITING
from reports.formulas import AGENT_FORMULAS
from reports.model import AgentLine, Cell, ReportQuery, Waits
from reports.queues import is_short
from reports.rows import EntryRow

Figure: TypeAlias = int | float | None
_Test: TypeAlias = Callable[[EntryRow, ReportQuery], bool]


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


def behind(cell: Cell, key: str, query: ReportQuery) -> Behind:
    """The entries behind figure ``key`` of ``cell``; ``ParseError`` for a key that is no figure."""
    tests = _TESTS.get(key)
    if tests is None:
        raise ParseError(f"no such figure: {key!r}", where="figure")
    counted, of = tests
    rows = cell.rows
    return Behind(tuple(row.id for row in rows if counted(row, query)), tuple(row.id for row in rows if of(row, query)))


def _ended(*outcomes: str) -> _Test:
    return lambda row, _: row.outcome in outcomes


def _any(*tests: _Test) -> _Test:
    return lambda row, query: any(test(row, query) for test in tests)


def _both(one: _Test, other: _Test) -> _Test:
    return lambda row, query: one(row, query) and other(row, query)


def _but(test: _Test, without: _Test) -> _Test:
    return lambda row, query: test(row, query) and not without(row, query)


def _short(row: EntryRow, query: ReportQuery) -> bool:
    return is_short(row, query.short_s)


def _early(row: EntryRow, query: ReportQuery) -> bool:
    return row.wait_s is not None and row.wait_s <= query.threshold_of(row.queue)


def _everything(_row: EntryRow, _query: ReportQuery) -> bool:
    return True


_answered: Final = _ended(ANSWERED)
_abandoned: Final = _ended(ABANDONED, INTERRUPTED)
_answered_early: Final = _both(_answered, _early)
_abandoned_early: Final = _both(_abandoned, _early)
_either: Final = _any(_answered, _abandoned)


def _plain(test: _Test) -> tuple[_Test, _Test]:
    return test, test


_TESTS: Final[Mapping[str, tuple[_Test, _Test]]] = {
    "offered": _plain(_everything),
    "answered": _plain(_answered),
    "abandoned": _plain(_abandoned),
    "short_abandons": _plain(_short),
    "interrupted": _plain(_ended(INTERRUPTED)),
    "overflowed": _plain(_ended(OVERFLOWED)),
    "called_back": _plain(_ended(CALLED_BACK)),
    "left_by_key": _plain(_ended(LEFT_BY_KEY)),
    "waiting": _plain(_ended(WAITING)),
    "answer_rate": (_answered, _everything),
    "answer_rate_without_short": (_answered, _but(_everything, _short)),
    "answer_rate_without_key": (_answered, _but(_everything, _ended(LEFT_BY_KEY))),
    "abandon_rate": (_abandoned, _everything),
    "abandon_rate_without_short": (_but(_abandoned, _short), _but(_everything, _short)),
    "service_level_a": (_answered_early, _answered),
    "service_level_b": (_answered_early, _everything),
    "service_level_c": (_answered_early, _any(_answered, _but(_abandoned, _early))),
    "service_level_d": (_any(_answered_early, _abandoned_early), _either),
    "asa_s": _plain(_answered),
    **{f"answered_{part}_s": _plain(_answered) for part in ("p50", "p80", "p90", "p95", "max")},
    **{f"abandoned_{part}_s": _plain(_abandoned) for part in ("p50", "p80", "p90", "p95", "max")},
}
