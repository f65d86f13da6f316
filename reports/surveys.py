"""What people have answered to a survey, each version of its file apart, by kind of question: the shares of all answers
with their intervals, NPS, the mean of a scale, mean and median of numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reports.intervals import net_share
from reports.ratings import TOP_BOXES
from reports.shares import Share, share_of
from reports.spread import Spread, bins_of, spread_of
from reports.survey_form import CHOICE, NPS, NUMBER, SCALE, SPEECH, WORDLESS, Answered, Asked, Form, Text

PROMOTER: Final = 9
DETRACTOR: Final = 6
"""NPS: who gives 9 or 10 recommends, who gives 6 or less advises against (F. Reichheld, 2003)."""


@dataclass(frozen=True, slots=True)
class Nps:
    """% who recommend less % who advise against, with its 95 % interval; from −100 to 100."""

    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ValueShare:
    """How many of those who answered gave this value; of numbers, one within these bounds (``30000–39999``)."""

    value: str
    share: Share
    text: Text = WORDLESS


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """``kind`` is one of ``reports.survey_form``. ``mean`` of a scale, ``spread`` of numbers in ``unit``. ``hows``: how
    many answered by key, speech, or to an agent. ``csat`` of a scale: the share of its two best scores; ``response`` of
    scores: how many of those who could be asked have answered (None: not known).
    """

    question: str
    kind: str
    answers: int
    values: tuple[ValueShare, ...]
    mean: float | None = None
    nps: Nps | None = None
    spread: Spread | None = None
    text: Text = WORDLESS
    unit: Text = WORDLESS
    hows: Mapping[str, int] = field(default_factory=dict)
    csat: Share | None = None
    response: Share | None = None


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
    hows: dict[tuple[str, str], dict[str, int]] = {}
    for one in answered:
        values = by_form.setdefault(one.form, {}).setdefault(one.question, {})
        values[one.value] = values.get(one.value, 0) + one.times
        ways = hows.setdefault((one.form, one.question), {})
        ways[one.how] = ways.get(one.how, 0) + one.times
    known = {form.form: form for form in forms}
    found = []
    for name, questions in by_form.items():
        form = known.get(name)
        asked = form.questions if form is not None else {}
        order = [*(it for it in asked if it in questions), *(it for it in questions if it not in asked)]
        made = tuple(
            replace(_question(it, questions[it], asked.get(it, Asked(""))), hows=hows[name, it]) for it in order
        )
        found.append(FormReport(name, form.survey if form else "", form.since if form else None, made))
    return tuple(sorted(found, key=lambda it: -(it.since or 0.0)))


def with_response(form: FormReport, asked: int) -> FormReport:
    """``form``, in which each question for a score says how many of ``asked`` people have answered it; where more have,
    they were asked by another version.
    """

    def one(question: QuestionReport) -> QuestionReport:
        if question.kind not in (SCALE, NPS) or question.answers > asked:
            return question
        return replace(question, response=share_of(question.answers, asked))

    return replace(form, questions=tuple(one(each) for each in form.questions))


def nps_of(counts: Mapping[int, int]) -> Nps | None:
    """By score; the interval is that of ratings (``reports.intervals.net_share``)."""
    people = sum(counts.values())
    if not people:
        return None
    up = sum(count for score, count in counts.items() if score >= PROMOTER)
    down = sum(count for score, count in counts.items() if score <= DETRACTOR)
    low, high = net_share(up, down, people)
    return Nps(100 * (up - down) / people, 100 * low, 100 * high)


def _question(name: str, values: Mapping[str, int], asked: Asked) -> QuestionReport:
    people = sum(values.values())
    kind = asked.kind or (CHOICE if any(values) else SPEECH)
    if kind in (SCALE, NPS):
        return _scores(name, kind, _numbers(values), asked)
    if kind == NUMBER:
        return _how_many(name, _numbers(values), asked)
    shares = () if kind == SPEECH else _options(values, people, asked)
    return QuestionReport(name, kind, people, shares, text=asked.text)


def _scores(name: str, kind: str, counts: Mapping[int, int], asked: Asked) -> QuestionReport:
    people = sum(counts.values())
    shares = tuple(
        ValueShare(str(score), share_of(counts.get(score, 0), people)) for score in range(asked.low, asked.high + 1)
    )
    mean = sum(score * times for score, times in counts.items()) / people if people else None
    if kind == NPS:
        return QuestionReport(name, kind, people, shares, mean, nps_of(counts), text=asked.text)
    best = sum(times for score, times in counts.items() if score > asked.high - TOP_BOXES)
    csat = share_of(best, people) if asked.high - asked.low >= TOP_BOXES else None
    return QuestionReport(name, kind, people, shares, mean, text=asked.text, csat=csat)


def _how_many(name: str, counts: Mapping[int, int], asked: Asked) -> QuestionReport:
    people = sum(counts.values())
    shares = tuple(
        ValueShare(str(it.low) if it.low == it.high else f"{it.low}–{it.high}", share_of(it.times, people))
        for it in bins_of(counts)
    )
    return QuestionReport(name, NUMBER, people, shares, spread=spread_of(counts), text=asked.text, unit=asked.unit)


def _options(values: Mapping[str, int], people: int, asked: Asked) -> tuple[ValueShare, ...]:
    """In the order of the file, those that nobody chose too; without a file, the most frequent first."""
    others = sorted((it for it in values if it not in asked.options), key=lambda it: (-values[it], it))
    return tuple(
        ValueShare(it, share_of(values.get(it, 0), people), asked.options.get(it, WORDLESS))
        for it in (*asked.options, *others)
    )


def _numbers(values: Mapping[str, int]) -> dict[int, int]:
    return {int(value): times for value, times in values.items() if value.lstrip("-").isdigit()}
