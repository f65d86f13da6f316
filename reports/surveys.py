"""What people have answered to a survey, each version of its file apart: how often each value, the mean, NPS."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reports.intervals import net_share
from reports.shares import Share, share_of

PROMOTER: Final = 9
DETRACTOR: Final = 6
"""NPS: who gives 9 or 10 recommends, who gives 6 or less advises against (F. Reichheld, 2003)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A question for a whole number from ``low`` to ``high``."""

    low: int
    high: int

    @property
    def is_nps(self) -> bool:
        """0 to 10."""
        return (self.low, self.high) == (0, 10)


@dataclass(frozen=True, slots=True)
class Form:
    """A version of ``survey``: ``questions`` in the order of its file, those with a scale with it."""

    form: str
    survey: str
    since: float
    questions: Mapping[str, Scale | None]


@dataclass(frozen=True, slots=True)
class Answered:
    """``times`` people gave ``value`` to ``question`` of version ``form`` ("" is older than versions are kept); an
    answer that was given again counts as it was given last.
    """

    form: str
    question: str
    value: str
    times: int


@dataclass(frozen=True, slots=True)
class Nps:
    """% who recommend less % who advise against, with its 95 % interval; from −100 to 100."""

    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ValueShare:
    """How many of those who answered gave this value."""

    value: str
    share: Share


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """``kind``: nps, scale, choice or remark. ``mean`` of a scale."""

    question: str
    kind: str
    answers: int
    values: tuple[ValueShare, ...]
    mean: float | None = None
    nps: Nps | None = None


@dataclass(frozen=True, slots=True)
class FormReport:
    """One version of a survey with its questions; ``since`` None: not known when it came."""

    form: str
    survey: str
    since: float | None
    questions: tuple[QuestionReport, ...]


def form_reports(answered: Iterable[Answered], forms: Sequence[Form]) -> tuple[FormReport, ...]:
    """The versions that were answered, the newest first; those of no known version last."""
    by_form: dict[str, dict[str, dict[str, int]]] = {}
    for one in answered:
        values = by_form.setdefault(one.form, {}).setdefault(one.question, {})
        values[one.value] = values.get(one.value, 0) + one.times
    known = {form.form: form for form in forms}
    found = []
    for name, questions in by_form.items():
        form = known.get(name)
        scales = form.questions if form is not None else {}
        order = [*(it for it in scales if it in questions), *(it for it in questions if it not in scales)]
        made = tuple(_question(it, questions[it], scales.get(it), known=it in scales) for it in order)
        found.append(FormReport(name, form.survey if form else "", form.since if form else None, made))
    return tuple(sorted(found, key=lambda it: -(it.since or 0.0)))


def nps_of(counts: Mapping[int, int]) -> Nps | None:
    """By score; the interval is that of ratings (``reports.intervals.net_share``)."""
    people = sum(counts.values())
    if not people:
        return None
    up = sum(count for score, count in counts.items() if score >= PROMOTER)
    down = sum(count for score, count in counts.items() if score <= DETRACTOR)
    low, high = net_share(up, down, people)
    return Nps(100 * (up - down) / people, 100 * low, 100 * high)


def _question(name: str, values: Mapping[str, int], scale: Scale | None, *, known: bool) -> QuestionReport:
    people = sum(values.values())
    if scale is None and ((known and set(values) == {""}) or not any(values)):
        return QuestionReport(name, "remark", people, ())
    if scale is None:
        ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
        return QuestionReport(name, "choice", people, tuple(ValueShare(it, share_of(n, people)) for it, n in ranked))
    counts = {int(value): times for value, times in values.items() if value.lstrip("-").isdigit()}
    said = sum(counts.values())
    spread = tuple(
        ValueShare(str(score), share_of(counts.get(score, 0), said)) for score in range(scale.low, scale.high + 1)
    )
    mean = sum(score * times for score, times in counts.items()) / said if said else None
    nps = nps_of(counts) if scale.is_nps else None
    return QuestionReport(name, "nps" if scale.is_nps else "scale", said, spread, mean, nps)
